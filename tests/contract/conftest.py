"""A conversation at a fixed time, and a way to bring people there."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from talk_calls.models import Conversation
from tests import people
from tests.factories import ConversationFactory

#: When every contract test begins; the clock stands still unless a test moves it.
NOW = datetime(2021, 2, 22, 12, 0, 0, tzinfo=UTC)

#: For long tables of rules whose answers have no shape of their own: every version, and both
#: forms, but not each with each. Without it, a test runs on all six.
EACH_VERSION = pytest.mark.parametrize(
    ("version", "wire"), [("v1", "json"), ("v2", "xml"), ("v3", "json")]
)

Arrive = Callable[..., people.Person]


@pytest.fixture(params=["v1", "v2", "v3"])
def version(request: pytest.FixtureRequest) -> str:
    """Each API version that the contract is about."""
    return request.param


@pytest.fixture(autouse=True)
def clock(time_machine):
    """Return the clock, which stands at ``NOW``; ``clock.shift(30)`` lets 30 seconds pass."""
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def conversation(db: None, clock) -> Conversation:
    """Return a public conversation, to which everybody finds the way."""
    return ConversationFactory()


@pytest.fixture
def arrive(conversation: Conversation, version: str, wire: str) -> Arrive:
    """Return a function that brings somebody to the conversation, on each version and form."""

    def bring(who: str, where: Conversation | None = None, **kwargs) -> people.Person:
        return people.arrive(who, where or conversation, version=version, wire=wire, **kwargs)

    return bring
