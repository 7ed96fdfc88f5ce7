"""Removing all simulated rows, and no others."""

from collections.abc import Callable
from dataclasses import dataclass

from talk_calls.contrib.simulation import simulated
from talk_calls.db import transactions
from talk_calls.host import clock
from talk_calls.models import Call, CallLeg, Conversation
from talk_calls.models.conversations import lock_conversation
from talk_calls.services import conversations

#: Users that one transaction removes; each deletion also runs the host's receivers.
_BATCH = 200

#: Called with how many conversations and users are done, and how many there are.
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Removed:
    """How many rows of each kind were removed."""

    legs: int = 0
    calls: int = 0
    conversations: int = 0
    users: int = 0
    groups: int = 0


def clean(*, removed: Removed, progress: Progress = lambda done, total: None) -> None:
    """Remove conversations with their history, then users and groups.

    ``removed`` is updated after each transaction, so that it is right after an interruption too; a
    second run removes the rest.
    """
    rooms = list(simulated.conversations())
    users = list(simulated.users().values_list("pk", flat=True))
    total = len(rooms) + len(users)
    for done, room in enumerate(rooms):
        progress(done, total)
        remove(room, removed)
    _remove_calls(list(simulated.orphaned_calls().values_list("pk", flat=True)), removed)
    for start in range(0, len(users), _BATCH):
        batch = users[start : start + _BATCH]
        with transactions.atomic():
            simulated.users().filter(pk__in=batch).delete()
        removed.users += len(batch)
        progress(len(rooms) + removed.users, total)
    removed.groups += simulated.groups().count()
    simulated.groups().delete()
    progress(total, total)


@transactions.atomic()
def remove(conversation: Conversation, removed: Removed) -> None:
    """Remove one conversation, its sessions, and its history; add to ``removed``."""
    if not lock_conversation(conversation.pk):
        return
    calls = list(conversation.calls.values_list("pk", flat=True))
    conversations.delete(conversation=conversation, now=clock.now())
    _remove_calls(calls, removed)
    removed.conversations += 1


@transactions.atomic()
def _remove_calls(calls: list[int], removed: Removed) -> None:
    for start in range(0, len(calls), _BATCH):
        batch = calls[start : start + _BATCH]
        removed.legs += CallLeg.objects.filter(call__in=batch).delete()[0]
        removed.calls += Call.objects.filter(pk__in=batch).delete()[1].get("talk_calls.Call", 0)
