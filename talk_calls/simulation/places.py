"""Public conversations for those who call on a running server."""

from collections.abc import Iterator
from contextlib import contextmanager

from talk_calls.constants import ConversationType
from talk_calls.models import Conversation
from talk_calls.services import creation
from talk_calls.services.creation import Terms
from talk_calls.simulation import cleaning, marks
from talk_calls.simulation.cleaning import Removed


@contextmanager
def places(count: int) -> Iterator[list[str]]:
    """Make ``count`` conversations, hand out their tokens, and remove them with their history."""
    made: list[Conversation] = []
    try:
        for number in range(1, count + 1):
            made.append(_make(number))
        yield [room.token for room in made]
    finally:
        for room in made:
            cleaning.remove(room, Removed())


def _make(number: int) -> Conversation:
    return creation.create(
        kind=ConversationType.PUBLIC,
        name=f"{marks.PREFIX}live {number}",
        token=marks.token(),
        terms=Terms(object_type=marks.OBJECT_TYPE, object_id="live"),
    )
