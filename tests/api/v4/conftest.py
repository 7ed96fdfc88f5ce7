"""A conversation on v4, and people in it."""

import pytest

from talk_calls.models import Conversation
from tests import people
from tests.factories import ConversationFactory


@pytest.fixture
def room(db: None) -> Conversation:
    """Return a public conversation."""
    return ConversationFactory()


@pytest.fixture
def arrive(room: Conversation):
    """Return a function that makes a person with a device that speaks v4."""

    def bring(who: str, **kwargs) -> people.Person:
        return people.arrive(who, room, version="v4", **kwargs)

    return bring
