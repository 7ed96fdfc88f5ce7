"""The table from domain error to status."""

from talk_calls.api.errors import STATUSES
from talk_calls.exceptions import TalkError


def _kinds(parent: type[TalkError]) -> set[type[TalkError]]:
    kinds = set(parent.__subclasses__())
    return kinds.union(*(_kinds(kind) for kind in kinds))


def test_every_domain_error_has_a_status():
    """A refusal that nobody gave a status would be a 500."""
    assert set(STATUSES) == _kinds(TalkError)
