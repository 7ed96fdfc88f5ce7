"""Reading what is true now of a conversation that the HPB has to be told about."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, Sum

from talk_calls import policies
from talk_calls.conf import SignalingServer, conf
from talk_calls.hpb.properties import permissions_of
from talk_calls.models import Call, Conversation, HPBConversation, HPBSession, Session
from talk_calls.services import hpb_changes

#: How old a conversation may be whose members are invited when the HPB is told for the first time.
#: Those of an older one have it in their lists: external signaling was switched on.
NEW = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Connected:
    """A session that is connected to the HPB, with what that was told, and what is true now.

    ``session`` is None if it does not exist any more. ``user_id`` is None for a guest.
    """

    told: HPBSession
    session: Session | None = None
    user_id: str | None = None
    flags: int = 0
    role: int = 0
    permissions: int = 0
    media: tuple[str, ...] = ()
    description: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A conversation as it is at ``now``, and as the HPB was ``told``.

    ``conversation`` is None if it was deleted. ``user_ids`` are the members if they may have
    changed since they were told, else None; ``attendees`` tells from which rows they were read.
    With ``uncertain`` the HPB may know something else than was stored.
    """

    now: datetime
    told: HPBConversation
    server: SignalingServer
    uncertain: bool
    conversation: Conversation | None
    call: Call | None
    connected: tuple[Connected, ...]
    user_ids: tuple[str, ...] | None
    attendees: str


def read(told: HPBConversation, now: datetime) -> State:
    """Read the state of a conversation; four queries, and one more where members changed."""
    conversation = _conversation(told.conversation)
    call: Call | None = getattr(conversation, "open_call", None)
    server = conf.signaling.server_for(told.token, kept=_kept(told, conversation, call))
    attendees, user_ids = "", None
    if conversation is not None:
        attendees = _rows_of_members(conversation)
        if attendees != told.attendees:
            user_ids = tuple(_user_ids(conversation))
    return State(
        now=now,
        told=told,
        server=server,
        uncertain=told.attempts > 1 or told.server not in ("", server.url),
        conversation=conversation,
        call=call,
        connected=tuple(_connected(told.conversation, conversation, now)),
        user_ids=user_ids,
        attendees=attendees,
    )


def _conversation(conversation_id: int) -> Conversation | None:
    """Return a conversation, with ``open_call`` where it has one, or None if it was deleted."""
    calls = FilteredRelation("calls", condition=Q(calls__ended_at=None))
    found = Conversation.objects.annotate(open_call=calls).select_related("open_call")  # type: ignore[misc] # annotated
    return found.filter(pk=conversation_id).first()


def _kept(told: HPBConversation, conversation: Conversation | None, call: Call | None) -> str:
    if conversation is None:
        return told.server
    return call.signaling_server if call else ""


def _rows_of_members(conversation: Conversation) -> str:
    """Return how many members there are, and the sum of their keys; both in the database."""
    members = conversation.attendees.members_only().order_by()
    found = members.aggregate(count=Count("pk"), sum=Sum("pk"))
    return f"{found['count']} {found['sum'] or 0}"


def _user_ids(conversation: Conversation) -> list[str]:
    path = f"user__{conf.directory.user_id_path()}"
    return [str(name) for name in conversation.attendees.members_only().values_list(path, flat=True)]


def _connected(
    conversation_id: int, conversation: Conversation | None, now: datetime
) -> list[Connected]:
    told = HPBSession.objects.filter(conversation=conversation_id).order_by("pk")
    sessions = _sessions(conversation_id, now) if conversation is not None else {}
    return [_state_of(each, conversation, sessions.get(each.pk), now) for each in told]


def _sessions(conversation_id: int, now: datetime) -> dict[int, Any]:
    user_id = F(f"attendee__user__{conf.directory.user_id_path()}")
    here = Session.objects.present(now).filter(conversation=conversation_id)
    loaded = policies.with_users(here.select_related("attendee"), "attendee__user")
    return {session.pk: session for session in loaded.annotate(user_id=user_id)}


def _state_of(
    told: HPBSession, conversation: Conversation | None, session: Any, now: datetime
) -> Connected:
    if session is None or conversation is None:
        return Connected(told)
    attendee = session.attendee
    return Connected(
        told=told,
        session=session,
        user_id=None if session.user_id is None else str(session.user_id),
        flags=session.flags_at(now),
        role=policies.role_of(conversation, attendee),
        permissions=policies.permissions_of(conversation, attendee),
        media=tuple(permissions_of(conversation, attendee)),
        description=hpb_changes.description_of(conversation, attendee),
    )
