"""Doing a whole deed or nothing: what every command that changes something has in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.management.base import failure
from talk_calls.management.lookups import conversation_called
from talk_calls.models import Conversation

#: People whom one step adds or removes: few enough for a bar that moves.
BATCH = 50

Made = TypeVar("Made")


@dataclass(frozen=True)
class Step:
    """A part of a deed, which does something to ``size`` people."""

    run: Callable[[], object]
    size: int = 1


@retried
@transactions.atomic()
def all_or_nothing(deed: Callable[[], Made]) -> Made:
    """Do something in one transaction; an error or Ctrl-C in the middle keeps nothing of it."""
    return deed()


def take(
    steps: Sequence[Step], progress: Callable[[int, int], None] = lambda done, total: None
) -> None:
    """Take steps one by one, and tell how far it is."""
    total = sum(step.size for step in steps)
    done = 0
    for step in steps:
        progress(done, total)
        step.run()
        done += step.size
    progress(done, total)


def in_batches(run: Callable[[list[Any]], object], rows: Sequence[Any]) -> list[Step]:
    """Return steps that do something to ``BATCH`` rows each."""
    batches = [list(rows[start : start + BATCH]) for start in range(0, len(rows), BATCH)]
    return [Step(partial(run, batch), len(batch)) for batch in batches]


def group_called(token: str) -> Conversation:
    """Return a conversation that is no one-to-one, which nobody manages from outside."""
    conversation = conversation_called(token)
    if conversation.is_one_to_one:
        raise failure("Room is no group call.", "A one-to-one conversation stays as it is.")
    return conversation
