"""Removing all that was made up, and nothing else."""

from collections.abc import Callable
from dataclasses import dataclass

from talk_calls.db import transactions
from talk_calls.host import clock
from talk_calls.models import Call, CallLeg, Conversation
from talk_calls.models.conversations import lock_conversation
from talk_calls.services import conversations
from talk_calls.simulation import marks

#: Users that one transaction removes; each tells the host's receivers.
_BATCH = 200

#: Called with how many conversations and batches are done, and of how many.
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Removed:
    """How many rows of each kind are gone."""

    legs: int = 0
    calls: int = 0
    conversations: int = 0
    users: int = 0
    groups: int = 0


def clean(*, removed: Removed, progress: Progress = lambda done, total: None) -> None:
    """Remove conversations with their history, then users and groups.

    ``removed`` counts, also for whoever stops this half-way; a second run does the rest.
    """
    rooms = list(marks.conversations())
    users = list(marks.users().values_list("pk", flat=True))
    total = len(rooms) + len(users)
    for done, room in enumerate(rooms):
        progress(done, total)
        remove(room, removed)
    _forget(list(marks.orphaned_calls().values_list("pk", flat=True)), removed)
    for start in range(0, len(users), _BATCH):
        with transactions.atomic():
            batch = marks.users().filter(pk__in=users[start : start + _BATCH])
            batch.delete()
        removed.users += len(users[start : start + _BATCH])
        progress(len(rooms) + removed.users, total)
    removed.groups += marks.groups().count()
    marks.groups().delete()
    progress(total, total)


@transactions.atomic()
def remove(room: Conversation, removed: Removed) -> None:
    """Remove one conversation, whoever is in it, and its history."""
    if not lock_conversation(room.pk):
        return
    calls = list(room.calls.values_list("pk", flat=True))
    conversations.delete(conversation=room, now=clock.now())
    _forget(calls, removed)
    removed.conversations += 1


@transactions.atomic()
def _forget(calls: list[int], removed: Removed) -> None:
    for start in range(0, len(calls), _BATCH):
        some = calls[start : start + _BATCH]
        legs = CallLeg.objects.filter(call__in=some)
        removed.legs += legs.delete()[0]
        removed.calls += Call.objects.filter(pk__in=some).delete()[1].get("talk_calls.Call", 0)
