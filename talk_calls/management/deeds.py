"""Doing a whole deed or nothing: what every command that changes something has in common."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction

from talk_calls.management.base import failure
from talk_calls.management.lookups import conversation_called
from talk_calls.models import Conversation
from talk_calls.services.conflicts import retried

Steps = Sequence[Callable[[], object]]
Made = TypeVar("Made")


@retried
@transaction.atomic
def all_or_nothing(deed: Callable[[], Made]) -> Made:
    """Do something in one transaction; an error or Ctrl-C in the middle keeps nothing of it."""
    return deed()


def take(steps: Steps, progress: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Take steps one by one, and tell how far it is."""
    for done, step in enumerate(steps):
        progress(done, len(steps))
        step()
    progress(len(steps), len(steps))


def group_called(token: str) -> Conversation:
    """Return a conversation that is no one-to-one, which nobody manages from outside."""
    conversation = conversation_called(token)
    if conversation.is_one_to_one:
        raise failure("Room is no group call.", "A one-to-one conversation stays as it is.")
    return conversation
