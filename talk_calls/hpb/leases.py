"""Which process tells the HPB about a conversation, and what was told.

A process leases a conversation, reads and sends without a transaction, and confirms. One that is
killed in between loses nothing: its lease ends, and the next one tells everything again.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db.models import Case, F, QuerySet, Value, When

from talk_calls.constants import InCallFlag
from talk_calls.db import transactions
from talk_calls.db.compiled import NOW, CompiledQuery, CompiledUpdate, Param
from talk_calls.db.retries import retried
from talk_calls.hpb.messages import in_call_changed, properties_digest
from talk_calls.hpb.state import Connected, State
from talk_calls.models import HPBConversation, HPBSession
from talk_calls.models.hpb import NO_LEASE, HPBConversationQuerySet

#: How long one process may take to tell the HPB about a conversation.
LEASE = timedelta(seconds=6)

#: How soon after a connection the HPB knows the session for sure: it asks us first, then adds it.
SETTLED = timedelta(seconds=1)

#: How long a conversation waits after a message that the server refused: twice as long each time.
_PAUSE, _LONGEST_PAUSE = timedelta(seconds=1), timedelta(seconds=30)

#: How long after a conversation was told it is told once more: twice as long each time. The HPB
#: loses what it took while it has no connection to the other nodes of its cluster.
FIRST_REPEAT, LONGEST_REPEAT = timedelta(seconds=10), timedelta(minutes=10)

#: Bytes of a row that a client gets, and of repetition that an HPB delivers in a second beside all
#: else.
_ROW, _REPEATED = 700, 1_000_000

#: How often it is told once more that somebody was removed: after 10 s and after 30 s.
_REMOVALS_REPEATED = 2

#: Rows that one statement gives values of their own at most.
_BATCH = 400

_Rows = HPBConversationQuerySet


class Busy(Exception):
    """Another transaction is changing the conversation."""


@retried
def lease(conversation_id: int, now: datetime) -> HPBConversation | None:
    """Return a conversation that this process has to tell the HPB about now, or None.

    None means that the HPB knows everything, that another process is telling it, or that a
    transaction is changing the conversation right now, which marks it when it is committed.
    """
    with transactions.atomic():
        told = _DUE.first(conversation=conversation_id, now=now)
        if told is None:
            return None
        told.lease_until = now + LEASE
        told.attempts += 1
        _LEASED.run(conversation=told.pk, until=told.lease_until, attempts=told.attempts)
    return told


@retried
def confirm(state: State, *, now: datetime, pause: timedelta) -> timedelta | None:
    """Store that the HPB was told a state; return after what time to look again, None for never.

    For the time of ``pause`` no process tells the HPB more about the conversation. Nothing is
    stored if another process has the lease by now. Raises ``Busy``; try again.
    """
    with transactions.atomic():
        told = _mine(state)
        if told is None:
            return None
        if state.conversation is None:
            return _forget(told, state)
        settled_at = _store_sessions(state)
        _store_conversation(told, state, now, pause, bool(settled_at))
    if pause:
        return pause
    if told.changes > state.told.changes:
        return timedelta(0)
    return max(settled_at - now, timedelta(0)) if settled_at else None


@retried
def release(state: State, *, refused: bool, now: datetime) -> None:
    """Give back a conversation about which the HPB could not be told.

    It is due at once, or after a pause if the server ``refused`` what it was told.
    """
    pause = min(_PAUSE * 2 ** min(state.told.attempts, 10), _LONGEST_PAUSE)
    _ours(state).update(lease_until=now + pause if refused else NO_LEASE)


def overdue(
    now: datetime, most: int, *, without: Collection[str] = ()
) -> list[tuple[int, str, str]]:
    """Return conversations that no process is telling the HPB about, with token and last server.

    ``without`` are the URLs of last servers whose conversations are left out.
    """
    rows = HPBConversation.objects.due(now).exclude(server__in=without)
    return list(rows.values_list("pk", "token", "server")[:most])


def mark_lost(most: int) -> int:
    """Mark conversations of which the HPB knows a session that is gone; return how many.

    Their rows were deleted without a lock: expired ones, and what the host deleted by itself.
    """
    lost = HPBSession.objects.gone().values_list("conversation", flat=True).distinct()[:most]
    told = HPBConversation.objects.filter(pk__in=list(lost), told__gte=F("changes"))
    return told.update(changes=F("changes") + 1)


def mark_to_repeat(now: datetime, most: int) -> int:
    """Mark conversations that have to be told once more, all that is true; return how many."""
    if not HPBConversation.objects.to_repeat(now).exists():
        return 0
    with transactions.atomic():
        rows = _unlocked(HPBConversation.objects.to_repeat(now)).values_list("pk", flat=True)[:most]
        told = HPBConversation.objects.filter(pk__in=list(rows))
        # With an attempt more than there was, what the HPB knows is uncertain.
        return told.update(changes=F("changes") + 1, repeats=F("repeats") + 1, attempts=1)


def _repeat_at(told: HPBConversation, state: State, now: datetime) -> datetime | None:
    """Return when to tell all once more; None if nobody is there who would hear it."""
    here = len(state.connected)
    if not here:
        return None
    pause = min(FIRST_REPEAT * (1 << min(told.repeats, 10)), LONGEST_REPEAT)
    return now + max(pause, timedelta(seconds=here * here * _ROW / _REPEATED))


def _ours(state: State) -> _Rows:
    """Return the row while the lease is still the one with which the state was read."""
    told = state.told
    return HPBConversation.objects.filter(pk=told.pk, lease_until=told.lease_until)


def _mine(state: State) -> HPBConversation | None:
    """Lock the row of our lease; None if there is another lease by now."""
    told = _unlocked(_ours(state)).first()
    if told is None and _ours(state).exists():
        raise Busy
    return told


def _unlocked(rows: _Rows) -> _Rows:
    """Lock the rows that no other transaction has locked, and leave out the others."""
    if not transactions.connection().features.has_select_for_update_skip_locked:
        return rows  # SQLite: a transaction locks everything
    return rows.select_for_update(skip_locked=True)


def _forget(told: HPBConversation, state: State) -> timedelta | None:
    """Delete what was stored of a deleted conversation, unless it changed since."""
    if told.changes > state.told.changes:
        HPBConversation.objects.filter(pk=told.pk).update(lease_until=NO_LEASE)
        return timedelta(0)
    HPBSession.objects.filter(conversation=told.pk).delete()
    told.delete()
    return None


def _store_sessions(state: State) -> datetime | None:
    """Store what was told of sessions; return when to tell again of those that just connected."""
    _store_gone(state)
    here = [each for each in state.connected if each.session is not None]
    _store_flags(here, state.now)
    _store_descriptions(here, state.now)
    told_early = [each for each in in_call_changed(state) if _is_unsettled(each, state.now)]
    return max((each.told.connected_at + SETTLED for each in told_early), default=None)


def _store_gone(state: State) -> None:
    """Forget sessions that are gone, but for a while not those that were removed.

    Nobody may stay connected because the HPB lost the news.
    """
    gone = [each.told for each in state.connected if each.session is None]
    is_certain = state.told.repeats >= _REMOVALS_REPEATED
    kept = [] if is_certain else [told.pk for told in gone if not told.left]
    HPBSession.objects.filter(pk__in=[told.pk for told in gone if told.pk not in kept]).delete()
    HPBSession.objects.filter(pk__in=kept, gone=False).update(gone=True, in_call=0)


def _store_flags(connected: list[Connected], now: datetime) -> None:
    sessions: dict[int | None, list[int]] = defaultdict(list)
    for each in connected:
        flags = None if _is_unsettled(each, now) else each.flags
        if flags != each.told.in_call:
            sessions[flags].append(each.told.pk)
    for flags, pks in sessions.items():
        _known(pks, now).update(in_call=flags)


def _store_descriptions(connected: list[Connected], now: datetime) -> None:
    changed = {
        each.told.pk: each.description
        for each in connected
        if each.description != each.told.description
    }
    pks = list(changed)
    for part in (pks[start : start + _BATCH] for start in range(0, len(pks), _BATCH)):
        cases = (When(pk=pk, then=Value(changed[pk])) for pk in part)
        _known(part, now).update(description=Case(*cases))


def _known(pks: list[int], now: datetime) -> QuerySet[HPBSession]:
    """Return sessions but those that connected since: of these the HPB knows nothing."""
    return HPBSession.objects.filter(pk__in=pks, connected_at__lte=now)


def _is_unsettled(connected: Connected, now: datetime) -> bool:
    in_call = connected.session is not None and connected.flags != InCallFlag.DISCONNECTED
    return in_call and connected.told.connected_at > now - SETTLED


def _store_conversation(
    told: HPBConversation, state: State, now: datetime, pause: timedelta, is_unsettled: bool
) -> None:
    assert state.conversation is not None  # noqa: S101 -- for types: the caller asked
    stored = {
        "told": state.told.changes - is_unsettled,
        "roster": state.conversation.roster,
        "lease_until": now + pause if pause else NO_LEASE,
        "repeat_at": _repeat_at(told, state, now),
        "attempts": 0,
        "server": state.server.url,
        "properties": properties_digest(state),
        "attendees": state.attendees,
    }
    if state.user_ids is not None:
        stored["user_ids"] = list(state.user_ids)
    HPBConversation.objects.filter(pk=told.pk).update(**stored)


_LEASE_FIELDS = {
    "lease_until": Param("until", HPBConversation._meta.get_field("lease_until")),
    "attempts": Param("attempts", HPBConversation._meta.get_field("attempts")),
}


def _row() -> _Rows:
    return HPBConversation.objects.filter(pk=Param("conversation", HPBConversation._meta.pk))


def _due_row() -> _Rows:
    return _unlocked(_row().due(NOW))


_DUE = CompiledQuery(_due_row)
_LEASED = CompiledUpdate(_row, **_LEASE_FIELDS)
