"""The look-ups with which a request or a report begins: a conversation, and who acts in it.

Each is one query. The conversations come with ``has_call``, ``call_flags`` and ``call_started_at``
where that is asked for, and without the permissions of a call that timed out.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from talk_calls.constants import ConversationType, Listable
from talk_calls.db.compiled import NOW, CompiledQuery, Param
from talk_calls.models.attendees import Attendee
from talk_calls.models.calls import call_annotations, ignore_permissions_of_timed_out_call
from talk_calls.models.conversations import Conversation
from talk_calls.models.sessions import Session


def find_conversation(token: str, *, now: datetime) -> Conversation | None:
    """Return the conversation with its call, or None."""
    conversation = Conversation.objects.filter(token=token).annotate(**call_annotations(now))
    found = conversation.first()
    if found is not None:
        ignore_permissions_of_timed_out_call(found, now, has_call=found.has_call)
    return found


def find_attendee_of_user(
    token: str, user_pk: Any, *, session_pk: int | None, now: datetime, with_call: bool = False
) -> Attendee | None:
    """Return a user's attendee with its conversation and acting session, or None.

    The acting session is the one with the primary key ``session_pk``, or, where that is None, the
    one with the newest ping. It is None if there is none, or if it is expired.
    """
    shape = (True, session_pk is not None, with_call)
    values = {"token": token, "user": user_pk, "session": session_pk, "now": now}
    return _loaded(_ATTENDEE.first(*shape, **values), now)


def find_attendee_of_session(
    token: str, session_pk: int, *, now: datetime, with_call: bool = False
) -> Attendee | None:
    """Return the guest who has a session, with its conversation; None if the session is expired."""
    guest = _ATTENDEE.first(False, True, with_call, token=token, session=session_pk, now=now)
    return _loaded(guest, now) if guest and guest.acting else None


def attendees_of_user(
    user_pk: Any, *, now: datetime, modified_since: datetime | None = None
) -> list[Attendee]:
    """Return a user's attendees in all conversations, with their calls.

    The acting session is the one with the newest ping. ``modified_since`` leaves out conversations
    in which nothing changed since then.
    """
    attendees = Attendee.objects.acting(now).with_call(now).filter(user=user_pk)
    if modified_since is not None:
        attendees = attendees.modified_since(modified_since)
    first: dict[int, Attendee] = {}
    for attendee in attendees:  # a row for each session, the newest ping first
        first.setdefault(attendee.pk, attendee)
    return [attendee for attendee in first.values() if _loaded(attendee, now)]


def listed_conversations(user_pk: Any, term: str, *, now: datetime) -> Iterable[Conversation]:
    """Return the conversations that a user may find without an invitation, by name.

    They have ``term`` in their name, whatever the case, and are not the user's own.
    """
    own = Attendee.objects.filter(user=user_pk).values("conversation")
    listed = Conversation.objects.exclude(listable=Listable.PARTICIPANTS).exclude(pk__in=own)
    named = listed.filter(name__icontains=term).exclude(type=ConversationType.ONE_TO_ONE)
    return named.annotate(**call_annotations(now)).order_by("name", "pk")


def _loaded(attendee: Attendee | None, now: datetime) -> Attendee | None:
    """Give the conversation what the query annotated on its attendee."""
    if attendee is None:
        return None
    conversation = attendee.conversation
    conversation.has_call = attendee.has_call
    conversation.call_flags = attendee.call_flags
    conversation.call_started_at = attendee.call_started_at
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
