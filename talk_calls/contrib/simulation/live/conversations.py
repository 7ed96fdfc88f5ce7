"""Temporary public conversations for the guests who call on a running server."""

from collections.abc import Iterator
from contextlib import contextmanager

from talk_calls.constants import ConversationType
from talk_calls.contrib.simulation import cleaning, simulated
from talk_calls.contrib.simulation.cleaning import Removed
from talk_calls.models import Conversation
from talk_calls.services import creation
from talk_calls.services.conversation_options import ConversationOptions


@contextmanager
def temporary_conversations(count: int) -> Iterator[list[str]]:
    """Make ``count`` conversations, yield their tokens, then remove them with their history."""
    made: list[Conversation] = []
    try:
        for number in range(1, count + 1):
            made.append(_make(number))
        yield [conversation.token for conversation in made]
    finally:
        for conversation in made:
            cleaning.remove(conversation, Removed())


def _make(number: int) -> Conversation:
    return creation.create(
        kind=ConversationType.PUBLIC,
        name=f"{simulated.PREFIX}live {number}",
        token=simulated.token(),
        options=ConversationOptions(object_type=simulated.OBJECT_TYPE, object_id="live"),
    )
