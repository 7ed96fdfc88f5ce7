"""The statements behind the books of a conversation, compiled once (models/compiled.py)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import (
    DateTimeField,
    Exists,
    F,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Greatest

from talk_calls.conf import conf
from talk_calls.constants import InCallFlag, LegReason
from talk_calls.models import Call, CallLeg, Conversation, Session
from talk_calls.models.compiled import NOW, CompiledQuery, CompiledUpdate, Param


def read_state(conversation_id: int, *, own: Session | None, now: datetime) -> list[Any]:
    """Return the conversation, once for each session of interest, in one query.

    Each row has ``others_live``, ``open_call`` if a call is open, and ``seat`` if a session is of
    interest: ``own``, or one that vanished during the call. Seats come with attendee and user.
    """
    own_pk = own.pk if own else 0  # the key of no session
    return _STATE.rows(conversation=conversation_id, own=own_pk, now=now)


def set_flags(session: Session) -> None:
    """Store the session's flags and ping."""
    _SET_FLAGS.run(session=session.pk, flags=session.in_call, ping=session.last_ping)


def clear_flags(sessions: Collection[Session]) -> None:
    """Take the in-call flags off sessions, in the database and in the objects."""
    _CLEAR_FLAGS.run(len(sessions), sessions=[session.pk for session in sessions])
    for session in sessions:
        session.in_call = InCallFlag.DISCONNECTED


def widen_leg(session: Session) -> None:
    """Add the session's flags to its open leg."""
    _WIDEN_LEG.run(1, keys=[session.key], flags=session.in_call)


def end_legs(sessions: Collection[Session], reason: LegReason, now: datetime) -> None:
    """End the open legs of sessions."""
    keys = [session.key for session in sessions]
    _END_LEGS.run(len(keys), keys=keys, now=now, reason=reason.value)


def end_call(call: Call, reason: LegReason, when: datetime) -> None:
    """End an open call."""
    _END_CALL.run(call=call.pk, now=when, reason=reason.value)


def not_before(start: str, when: datetime | Param) -> Greatest:
    """Return ``when``, or the row's own start if a clock ran backwards."""
    moment = when if isinstance(when, Param) else Value(when, output_field=DateTimeField())
    return Greatest(F(start), moment)


def _state() -> QuerySet[Conversation]:
    own: Any = Param("own", Session._meta.pk)
    stale = Q(
        sessions__in_call__gt=InCallFlag.DISCONNECTED,
        sessions__last_ping__lt=NOW - conf.session_timeout,
    )
    others = Session.objects.live_in_call(NOW).filter(conversation_id=OuterRef("pk"))
    return (
        Conversation.objects.filter(pk=Param("conversation", Conversation._meta.pk))
        .annotate(
            open_call=FilteredRelation("calls", condition=Q(calls__ended_at=None)),
            seat=FilteredRelation("sessions", condition=Q(sessions__pk=own) | stale),
            others_live=Exists(others.exclude(pk=own)),
        )
        .select_related("open_call", "seat__attendee__user")  # type: ignore[misc] # annotated
    )


_STATE = CompiledQuery(_state)


def _session() -> QuerySet[Session]:
    return Session.objects.filter(pk=Param("session", Session._meta.pk))


def _sessions(count: int) -> QuerySet[Session]:
    sessions: list[Any] = Param.many("sessions", Session._meta.pk, count)
    return Session.objects.filter(pk__in=sessions)


def _open_call() -> QuerySet[Call]:
    return Call.objects.filter(pk=Param("call", Call._meta.pk), ended_at=None)


def _open_legs(count: int) -> QuerySet[CallLeg]:
    keys = Param.many("keys", CallLeg._meta.get_field("session_key"), count)
    return CallLeg.objects.filter(session_key__in=keys, left_at=None)


_FLAGS: Any = Param("flags", Session._meta.get_field("in_call"))
_SET_FLAGS = CompiledUpdate(
    _session, in_call=_FLAGS, last_ping=Param("ping", Session._meta.get_field("last_ping"))
)
_CLEAR_FLAGS = CompiledUpdate(_sessions, in_call=InCallFlag.DISCONNECTED)
_WIDEN_LEG = CompiledUpdate(_open_legs, flags=F("flags").bitor(_FLAGS))
_END_LEGS = CompiledUpdate(
    _open_legs,
    left_at=not_before("joined_at", NOW),
    reason=Param("reason", CallLeg._meta.get_field("reason")),
)
_END_CALL = CompiledUpdate(
    _open_call,
    ended_at=not_before("started_at", NOW),
    end_reason=Param("reason", Call._meta.get_field("end_reason")),
)
