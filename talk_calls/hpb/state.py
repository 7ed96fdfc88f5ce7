"""Reading what is true now of a conversation that the HPB has to be told about."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.db.compiled import NOW, CompiledQuery, Param
from talk_calls.hpb.circuits import server_to_tell
from talk_calls.hpb.permissions import permissions_of
from talk_calls.models import Attendee, Conversation, HPBConversation, HPBSession, Session
from talk_calls.models.calls import call_annotations, ignore_permissions_of_timed_out_call
from talk_calls.servers import SignalingServer

#: How old a conversation may be whose members are invited when the HPB is told for the first time.
#: Those of an older one have it in their lists: external signaling was switched on.
NEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Connected:
    """A session that the HPB knows: what it was told, and what is true now.

    ``session`` is None if it does not exist any more. ``user_id`` is None for a guest. ``granted``
    is what the HPB lets it do, and ``description`` a digest of all but the flags.
    """

    told: HPBSession
    session: Session | None = None
    user_id: str | None = None
    flags: int = 0
    role: int = 0
    permissions: int = 0
    granted: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A conversation as it is at ``now``, and as the HPB was ``told``.

    ``conversation`` is None if it was deleted. ``user_ids`` are the members if they may have
    changed since they were told, else None; ``attendees`` tells from which rows they were read.
    With ``uncertain`` the HPB may know something else than was stored. After ``send_until``, by the
    monotonic clock, no message may be sent: another process may have told what became true later.
    """

    now: datetime
    told: HPBConversation
    server: SignalingServer
    uncertain: bool
    conversation: Conversation | None
    connected: tuple[Connected, ...]
    user_ids: tuple[str, ...] | None
    attendees: str
    send_until: float


def read(told: HPBConversation, now: datetime, *, send_until: float) -> State:
    """Read the state of a conversation; four queries, and one more where members changed."""
    conversation = _conversation(told.conversation, now)
    attendees, user_ids = "", None
    if conversation is not None:
        attendees = _rows_of_members(conversation)
        if attendees != told.attendees:
            user_ids = tuple(_user_ids(conversation))
    kept = getattr(conversation, "signaling_server", told.server)
    server = server_to_tell(told.token, kept or "")
    return State(
        now=now,
        told=told,
        server=server,
        uncertain=told.attempts > 1 or told.server not in ("", server.url),
        conversation=conversation,
        connected=tuple(_connected(told.conversation, conversation, now)),
        user_ids=user_ids,
        attendees=attendees,
        send_until=send_until,
    )


def describe(situation: policies.Situation) -> str:
    """Return a digest of what the HPB is told of a session, beside the in-call flags."""
    conversation, attendee = situation.conversation, situation.attendee
    assert attendee is not None  # noqa: S101 -- for types: sessions have one
    return _digest(
        policies.role_of(conversation, attendee),
        policies.permissions_of(conversation, attendee),
        attendee.display_name,
        permissions_of(situation),
    )


def _digest(role: int, permissions: int, name: str, granted: list[str]) -> str:
    facts = json.dumps((role, permissions, name, granted))
    return hashlib.sha256(facts.encode()).hexdigest()[:32]


def _conversation(conversation_id: int, now: datetime) -> Conversation | None:
    """Return a conversation with its call, and the server of that, or None if it was deleted."""
    conversation = _CONVERSATION.first(conversation=conversation_id, now=now)
    if conversation is not None:
        has_call = conversation.has_call
        ignore_permissions_of_timed_out_call(conversation, now, has_call=has_call)
    return conversation


def _rows_of_members(conversation: Conversation) -> str:
    """Return how many members there are and the sum of their keys, which the database adds up."""
    found = _MEMBERS.first(conversation=conversation.pk)
    return f"{found['count']} {found['sum']}" if found else "0 0"


def _user_ids(conversation: Conversation) -> list[str]:
    path = f"user__{conf.directory.user_id_path()}"
    return list(map(str, conversation.attendees.members_only().values_list(path, flat=True)))


def _connected(
    conversation_id: int, conversation: Conversation | None, now: datetime
) -> list[Connected]:
    told = _TOLD.rows(conversation=conversation_id)
    if conversation is None:
        return [Connected(each) for each in told]
    sessions = _sessions(conversation_id, now)
    return [_state_of(each, conversation, sessions.get(each.pk), now) for each in told]


def _sessions(conversation_id: int, now: datetime) -> dict[int, Any]:
    sessions = _SESSIONS.rows(conversation=conversation_id, now=now)
    return {session.pk: session for session in sessions}


def _state_of(
    told: HPBSession, conversation: Conversation, session: Any, now: datetime
) -> Connected:
    if session is None:
        return Connected(told)
    attendee = session.attendee
    has_call = conversation.has_call
    situation = policies.Situation(conversation, attendee, session, has_call, now)
    role = policies.role_of(conversation, attendee)
    permissions = policies.permissions_of(conversation, attendee)
    granted = permissions_of(situation)
    return Connected(
        told=told,
        session=session,
        user_id=None if session.user_id is None else str(session.user_id),
        flags=session.flags_at(now),
        role=role,
        permissions=permissions,
        granted=tuple(granted),
        description=_digest(role, permissions, attendee.display_name, granted),
    )


_ID = Param("conversation", Conversation._meta.pk)


def _conversation_query() -> QuerySet[Conversation]:
    found = Conversation.objects.annotate(**call_annotations(NOW))
    return found.annotate(signaling_server=F("open_call__signaling_server")).filter(pk=_ID)


def _members_query() -> QuerySet[Attendee, Any]:
    members = Attendee.objects.members_only().filter(conversation=_ID).order_by()
    return members.values("conversation").annotate(count=Count("pk"), sum=Sum("pk"))


def _told_query() -> QuerySet[HPBSession]:
    return HPBSession.objects.filter(conversation=_ID).order_by("pk")


def _sessions_query() -> QuerySet[Session]:
    user_id = F(f"attendee__user__{conf.directory.user_id_path()}")
    here = Session.objects.present(NOW).filter(conversation=_ID)
    return here.select_related("attendee__user").annotate(user_id=user_id)


_CONVERSATION = CompiledQuery(_conversation_query)
_MEMBERS = CompiledQuery(_members_query)
_TOLD = CompiledQuery(_told_query)
_SESSIONS = CompiledQuery(_sessions_query)
