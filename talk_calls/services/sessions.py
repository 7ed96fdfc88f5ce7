"""Devices entering and leaving a conversation (talk-api.md 6.4, 6.5)."""

import hashlib
import secrets
import string
from contextlib import suppress
from datetime import datetime

from django.contrib.auth.hashers import check_password

from talk_calls import policies
from talk_calls.actors import Actor
from talk_calls.conf import conf
from talk_calls.constants import (
    SESSION_ID_LENGTH,
    ActorType,
    InCallFlag,
    LegReason,
    ParticipantType,
)
from talk_calls.exceptions import NoSuchConversation, SessionConflict, WrongPassword
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import books

_ALPHABET = string.ascii_letters + string.digits + "+/"


def generate_session_id() -> str:
    """Return a new session id: 512 random characters (talk-api.md 3.2)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(SESSION_ID_LENGTH))


def enter(  # noqa: PLR0913 -- one keyword per parameter of the request
    *,
    conversation: Conversation,
    actor: Actor,
    attendee: Attendee | None,
    password: str,
    force: bool,
    now: datetime,
) -> Session:
    """Open a session for ``actor``, making it an attendee if the door is open for newcomers.

    API v1 to v3 know one session per attendee: an earlier one leaves the call and is replaced.
    Raises ``SessionConflict`` if that one is in the call and ``force`` is False, ``WrongPassword``,
    or ``NoSuchConversation`` where newcomers are not let in. A refusal changes nothing.
    """
    _check_password(conversation, attendee, password)
    with books.opened(conversation.pk, now=now) as opened:
        session_id = generate_session_id()
        if attendee is not None:
            attendee = _lock_attendee(attendee)
            _replace_sessions(opened, attendee, force=force)
            _refresh_name(attendee)
        else:
            attendee = _newcomer(opened.conversation, actor, session_id)
        return Session.objects.create(
            session_id=session_id,
            attendee=attendee,
            conversation=opened.conversation,
            last_ping=now,
            created_at=now,
        )


def leave(*, session: Session, now: datetime) -> None:
    """Close a session: out of the call, out of the conversation.

    Self-joined users and guests belong to the conversation only while they are in it, so they stop
    being attendees. This always works, whatever the lobby or the lock says.
    """
    # Whoever is gone already, or whose conversation is, has left.
    with (
        suppress(NoSuchConversation),
        books.opened(session.conversation_id, now=now, own=session) as opened,
    ):
        if opened.own is None:
            return
        opened.remove([opened.own], LegReason.ROOM_LEFT)
        attendee = opened.own.attendee
        opened.own.delete()
        if _is_passing(attendee) and not attendee.sessions.exists():
            attendee.delete()


def _check_password(conversation: Conversation, attendee: Attendee | None, password: str) -> None:
    """Compare outside of any transaction: the hash is slow on purpose."""
    if not policies.needs_password(conversation, attendee):
        return
    if not check_password(password, conversation.password):
        raise WrongPassword


def _lock_attendee(attendee: Attendee) -> Attendee:
    """Read the attendee again under the conversation's lock; it may be gone by now."""
    found = Attendee.objects.select_related("user").filter(pk=attendee.pk).first()
    if found is None:
        raise NoSuchConversation
    return found


def _replace_sessions(opened: books.Books, attendee: Attendee, *, force: bool) -> None:
    earlier = list(attendee.sessions.order_by("-last_ping"))
    in_call = [session for session in earlier if session.in_call != InCallFlag.DISCONNECTED]
    if in_call and not force:
        raise SessionConflict(
            session_id=in_call[0].session_id,
            in_call=in_call[0].in_call,
            last_ping=int(in_call[0].last_ping.timestamp()),
        )
    opened.remove(in_call, LegReason.REPLACED)
    Session.objects.filter(pk__in=[session.pk for session in earlier]).delete()


def _refresh_name(attendee: Attendee) -> None:
    """Follow a renamed account; guests name themselves."""
    if attendee.user is None:
        return
    name = conf.directory.display_name(attendee.user)
    if name != attendee.display_name:
        attendee.display_name = name
        attendee.save(update_fields=["display_name"])


def _newcomer(conversation: Conversation, actor: Actor, session_id: str) -> Attendee:
    entry = policies.entry_type(conversation, is_user=actor.is_user)
    if entry is None:
        raise NoSuchConversation
    if actor.user is not None:
        attendee, _ = Attendee.objects.get_or_create(
            conversation=conversation,
            user=actor.user,
            defaults={
                "participant_type": entry,
                "display_name": conf.directory.display_name(actor.user),
            },
        )
        return attendee
    return Attendee.objects.create(
        conversation=conversation,
        actor_type=ActorType.GUESTS,
        actor_id=hashlib.sha1(session_id.encode(), usedforsecurity=False).hexdigest(),
        participant_type=entry,
    )


def _is_passing(attendee: Attendee) -> bool:
    return attendee.is_guest or attendee.participant_type == ParticipantType.USER_SELF_JOINED
