"""The queries with which a request or a report begins: a conversation, and who acts in it.

Conversations come with ``has_call``, ``call_flags`` and ``call_started_at`` where that is asked
for; those of attendees come without the permissions of a call that timed out.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Exists, QuerySet

from talk_calls.constants import ONE_TO_ONE_TYPES, Listable
from talk_calls.db.compiled import NOW, CompiledQuery, Param
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models.attendees import Attendee
from talk_calls.models.bans import Ban
from talk_calls.models.calls import (
    CallLeg,
    call_annotations,
    ignore_permissions_of_timed_out_call,
)
from talk_calls.models.conversations import Conversation
from talk_calls.models.sessions import Session
from talk_calls.models.system_messages import keep_newest_message, newest_message


def find_conversation(
    token: str, *, now: datetime, actor: Actor | None = None
) -> Conversation | None:
    """Return the conversation with its call and its newest message, or None.

    For an ``actor`` it comes with ``bans_actor``.
    """
    named = Conversation.objects.filter(token=token).annotate(**call_annotations(now))
    if actor is not None:
        named = named.annotate(**{"bans_actor": Exists(Ban.objects.against(actor, token))})
    found = named.annotate(**newest_message()).first()
    if found is not None:
        keep_newest_message(found, found)
    return found


def find_attendee(
    token: str,
    *,
    user: HostUser | None,
    session_pk: int | None,
    now: datetime,
    with_call: bool = False,
) -> Attendee | None:
    """Return the attendee of a user or a guest, with conversation and acting session, or None.

    The acting session is the one with the primary key ``session_pk``, or, where that is None, the
    newest one of the user; None if it is expired. Without a ``user`` it is a guest, who is known by
    a session that is not expired and by nothing else.
    """
    values: dict[str, object] = {"token": token, "session": session_pk, "now": now}
    if user is not None:
        attendee = _ATTENDEE.first(True, session_pk is not None, with_call, user=user.pk, **values)
        if attendee is not None:
            attendee.user = user  # loaded already
    elif session_pk is not None:
        attendee = _ATTENDEE.first(False, True, with_call, **values)
        attendee = attendee if attendee and attendee.acting else None
    else:
        return None
    return _with_call_of(attendee, now) if attendee else None


def find_session(session_id: str, token: str, *, now: datetime) -> Session | None:
    """Return a session that is not expired, with attendee, user, and conversation with its call."""
    session = _SESSION.first(session_id=session_id, token=token, now=now)
    if session is None:
        return None
    annotated: Any = session
    conversation = session.attendee.conversation = session.conversation
    conversation.has_call = annotated.has_call
    conversation.call_flags = annotated.call_flags
    conversation.call_started_at = annotated.call_started_at
    ignore_permissions_of_timed_out_call(conversation, now, has_call=annotated.has_call)
    return session


def attendees_of_user(
    user: HostUser, *, now: datetime, modified_since: datetime | None = None
) -> list[Attendee]:
    """Return a user's attendees in all conversations, with their calls.

    The acting session is the one with the newest ping. ``modified_since`` leaves out conversations
    in which nothing changed since then.
    """
    attendees = Attendee.objects.acting(now).with_call(now).filter(user=user)
    if modified_since is not None:
        attendees = attendees.modified_since(modified_since)
    first: dict[int, Attendee] = {}
    for attendee in attendees:  # a row for each session, the newest ping first
        attendee.user = user  # loaded already
        first.setdefault(attendee.pk, attendee)
    return [_with_call_of(attendee, now) for attendee in first.values()]


def listed_conversations(user: HostUser, term: str, *, now: datetime) -> Iterable[Conversation]:
    """Return the conversations that a user may find without an invitation, by name.

    They have ``term`` in their name, whatever the case, and are not the user's own, nor such from
    which the user is banned.
    """
    own = Attendee.objects.filter(user=user).values("conversation")
    listed = Conversation.objects.exclude(listable=Listable.PARTICIPANTS).exclude(pk__in=own)
    listed = listed.exclude(pk__in=Ban.objects.filter(user=user).values("conversation"))
    named = listed.filter(name__icontains=term).exclude(type__in=ONE_TO_ONE_TYPES)
    return named.annotate(**call_annotations(now)).order_by("name", "pk")


def has_joined_open_call(attendee: Attendee) -> bool:
    """Tell whether this user is or was in the conversation's open call."""
    legs = CallLeg.objects.filter(call__conversation=attendee.conversation_id, call__ended_at=None)
    return legs.filter(user=attendee.user_id).exists()


def _with_call_of(attendee: Attendee, now: datetime) -> Attendee:
    """Give the conversation what the query annotated on its attendee."""
    conversation = attendee.conversation
    conversation.has_call = attendee.has_call
    conversation.call_flags = attendee.call_flags
    conversation.call_started_at = attendee.call_started_at
    keep_newest_message(conversation, attendee)
    ignore_permissions_of_timed_out_call(conversation, now, has_call=attendee.has_call)
    return attendee


def _attendee(by_user: bool, by_session: bool, with_call: bool) -> QuerySet[Attendee]:
    session: Any = Param("session", Session._meta.pk) if by_session else None
    attendees = Attendee.objects.acting(NOW, session_pk=session)
    if with_call:
        attendees = attendees.with_call(NOW)
    token = Param("token", Conversation._meta.get_field("token"))
    attendees = attendees.filter(conversation__token=token)
    if by_user:
        return attendees.filter(user=Param("user", Attendee._meta.get_field("user")))[:1]
    return attendees.filter(user=None, sessions__pk=session)[:1]


_ATTENDEE = CompiledQuery(_attendee)


def _session() -> QuerySet[Session]:
    found = Session.objects.present(NOW).filter(
        session_id=Param("session_id", Session._meta.get_field("session_id")),
        conversation__token=Param("token", Conversation._meta.get_field("token")),
    )
    with_call = found.annotate(**call_annotations(NOW, prefix="conversation__"))
    return with_call.select_related("attendee__user", "conversation")


_SESSION = CompiledQuery(_session)
