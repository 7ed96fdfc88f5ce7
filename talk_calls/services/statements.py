"""The SQL statements of services on a conversation, compiled once (talk_calls/db/compiled.py)."""

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
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Greatest

from talk_calls.constants import RESUMED_WITHIN, InCallFlag, LegReason
from talk_calls.db.compiled import NOW, CompiledQuery, CompiledUpdate, Param
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session, WebhookEndpoint
from talk_calls.models.sessions import timed_out
from talk_calls.services.events import Identity


def read_state(
    conversation_id: int,
    *,
    acting_session: Session | None,
    performed_by: Attendee | None,
    now: datetime,
) -> list[Any]:
    """Return the conversation, once for each session of interest, in one query.

    Each row has ``others_in_call``, and ``just_ended`` and ``just_ended_at``: key and end of the
    call that ended up to ``RESUMED_WITHIN`` ago, or None; and ``has_webhooks``, whether an endpoint
    of webhooks is enabled. It has ``open_call`` if a call is open, and ``read_session``, with
    attendee and user, if a session is of interest: the acting one, or one that timed out of the
    call. With ``performed_by`` it has ``moderator``, that attendee as it is now, if it still
    exists; an operator (``participants.operator``) has no row to read.
    """
    acting_pk = acting_session.pk if acting_session else 0  # the key of no session
    moderator = performed_by.pk if performed_by and performed_by.pk else 0
    return _STATE.rows(
        bool(moderator),
        conversation=conversation_id,
        acting_session=acting_pk,
        moderator=moderator,
        now=now,
    )


def set_flags(session: Session) -> bool:
    """Store flags, ping and time of the last join or leave; False if the session was deleted."""
    return bool(
        _SET_FLAGS.run(
            session=session.pk,
            flags=session.in_call,
            ping=session.last_ping,
            moved=session.moved_at,
        )
    )


def leave_call(sessions: Collection[Session], now: datetime, *, stored: bool = True) -> None:
    """Take the in-call flags off sessions, in the database if ``stored``, and in the objects."""
    if stored:
        _LEAVE_CALL.run(len(sessions), sessions=[session.pk for session in sessions], now=now)
    for session in sessions:
        session.in_call = InCallFlag.DISCONNECTED
        session.moved_at = max(now, session.moved_at or now)


def change_flags(sessions: Collection[Session], flags: int) -> None:
    """Give sessions in the call other flags, in the database and in the objects."""
    _CHANGE_FLAGS.run(len(sessions), sessions=[session.pk for session in sessions], flags=flags)
    add_leg_flags(sessions, flags)
    for session in sessions:
        session.in_call = flags


def add_leg_flags(sessions: Collection[Session], flags: int) -> None:
    """Add flags to the open legs of sessions."""
    _ADD_LEG_FLAGS.run(len(sessions), keys=[session.key for session in sessions], flags=flags)


def end_legs(sessions: Collection[Session], reason: LegReason, now: datetime) -> None:
    """End the open legs of sessions."""
    keys = [session.key for session in sessions]
    _END_LEGS.run(len(keys), keys=keys, now=now, reason=reason.value)


def end_all_legs(call: Call, reason: LegReason, now: datetime) -> None:
    """End the open legs of a call."""
    _END_ALL_LEGS.run(call=call.pk, now=now, reason=reason.value)


def end_call(call: Call, reason: LegReason, when: datetime, *, performed_by: Identity) -> None:
    """End an open call; ``performed_by`` is who ended it."""
    _END_CALL.run(call=call.pk, now=when, reason=reason.value, **performed_by)


def not_before(start: str, when: datetime | Param) -> Greatest:
    """Return ``when``, or the row's own start if a clock ran backwards."""
    moment = when if isinstance(when, Param) else Value(when, output_field=DateTimeField())
    return Greatest(F(start), moment)


def _state(with_moderator: bool) -> QuerySet[Conversation]:
    acting_session: Any = Param("acting_session", Session._meta.pk)
    of_interest = Q(sessions__pk=acting_session) | timed_out(NOW, "sessions__")
    others = Session.objects.live_in_call(NOW).filter(conversation_id=OuterRef("pk"))
    ended = Call.objects.filter(conversation_id=OuterRef("pk"), ended_at__gt=NOW - RESUMED_WITHIN)
    last = ended.order_by("-ended_at", "-pk")
    states = (
        Conversation.objects.filter(pk=Param("conversation", Conversation._meta.pk))
        .annotate(
            open_call=FilteredRelation("calls", condition=Q(calls__ended_at=None)),
            read_session=FilteredRelation("sessions", condition=of_interest),
            others_in_call=Exists(others.exclude(pk=acting_session)),
            just_ended=Subquery(last.values("pk")[:1]),
            just_ended_at=Subquery(last.values("ended_at")[:1]),
            has_webhooks=Exists(WebhookEndpoint.objects.enabled()),
        )
        .select_related("open_call", "read_session__attendee__user")  # type: ignore[misc] # annotated
    )
    if not with_moderator:
        return states
    moderator = Q(attendees__pk=Param("moderator", Attendee._meta.pk))
    found = states.annotate(moderator=FilteredRelation("attendees", condition=moderator))
    return found.select_related("open_call", "read_session__attendee__user", "moderator")  # type: ignore[misc]


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


def _open_legs_of_call() -> QuerySet[CallLeg]:
    call = Param("call", CallLeg._meta.get_field("call"))
    return CallLeg.objects.filter(call=call, left_at=None)


# Pings are stored without the lock, so a newer one may be in the row by now.
_PING: Any = Param("ping", Session._meta.get_field("last_ping"))
_SET_FLAGS = CompiledUpdate(
    _session,
    in_call=Param("flags", Session._meta.get_field("in_call")),
    last_ping=Greatest(F("last_ping"), _PING),
    moved_at=Param("moved", Session._meta.get_field("moved_at")),
)
_CHANGE_FLAGS = CompiledUpdate(
    _sessions, in_call=Param("flags", Session._meta.get_field("in_call"))
)
_LEAVE_CALL = CompiledUpdate(
    _sessions,
    in_call=InCallFlag.DISCONNECTED,
    moved_at=Greatest(Coalesce(F("moved_at"), NOW), NOW),
)
_LEG_FLAGS: Any = Param("flags", CallLeg._meta.get_field("flags"))
_ADD_LEG_FLAGS = CompiledUpdate(_open_legs, flags=F("flags").bitor(_LEG_FLAGS))
_LEG_END: dict[str, object] = {
    "left_at": not_before("joined_at", NOW),
    "reason": Param("reason", CallLeg._meta.get_field("reason")),
}
_END_LEGS = CompiledUpdate(_open_legs, **_LEG_END)
_END_ALL_LEGS = CompiledUpdate(_open_legs_of_call, **_LEG_END)
# A session may have been taken out by a machine whose clock is a little ahead.
_LAST_LEFT = Coalesce(
    Subquery(
        CallLeg.objects.filter(call=OuterRef("pk"), left_at__isnull=False)
        .order_by("-left_at")
        .values("left_at")[:1]
    ),
    F("started_at"),
)
_END_CALL = CompiledUpdate(
    _open_call,
    ended_at=Greatest(not_before("started_at", NOW), _LAST_LEFT),
    end_reason=Param("reason", Call._meta.get_field("end_reason")),
    ended_by_type=Param("actor_type", Call._meta.get_field("ended_by_type")),
    ended_by_id=Param("actor_id", Call._meta.get_field("ended_by_id")),
    ended_by_name=Param("display_name", Call._meta.get_field("ended_by_name")),
)
