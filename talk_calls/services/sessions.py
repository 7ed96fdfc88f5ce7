"""Devices entering and leaving a conversation (talk-api.md 6.4, 6.5)."""

import hashlib
import secrets
import string
from collections.abc import Collection
from contextlib import suppress
from datetime import datetime

from django.contrib.auth.hashers import check_password

from talk_calls import policies
from talk_calls.actors import Actor
from talk_calls.constants import (
    PING_INTERVAL,
    SESSION_ID_LENGTH,
    ActorType,
    InCallFlag,
    LegReason,
)
from talk_calls.exceptions import NoSuchConversation, SessionConflict, WrongPassword
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import books, participants
from talk_calls.services.conflicts import retried
from talk_calls.signals import SessionOpened

_ALPHABET = string.ascii_letters + string.digits + "+/"


def generate_session_id() -> str:
    """Return a new session id: 512 random characters (talk-api.md 3.2)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(SESSION_ID_LENGTH))


@retried
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
    verified = _verify_password(conversation, attendee, password)
    with books.opened(conversation.pk, now=now) as opened:
        session_id = generate_session_id()
        # Looked up again: the caller may have come in or been removed since.
        current = _current_attendee(opened.conversation, actor, attendee)
        if policies.needs_password(opened.conversation, current) and not verified:
            raise WrongPassword
        if current is None:
            current = _newcomer(opened.conversation, actor, session_id)
        else:
            _replace_sessions(opened, current, force=force)
            _refresh_name(current)
        session = Session.objects.create(
            session_id=session_id,
            attendee=current,
            conversation=opened.conversation,
            last_ping=opened.now,
            created_at=opened.now,
        )
        opened.note(SessionOpened, session_key=session.key, **books.identity(current))
        return session


@retried
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
        attendee = opened.own.attendee
        opened.close([opened.own], LegReason.ROOM_LEFT)
        if attendee.is_passing and not attendee.sessions.exists():
            attendee.delete()


def ping(sessions: Collection[Session], *, now: datetime) -> int:
    """Note that devices are alive; return how many pings were stored.

    One statement for all, none for those whose stored ping is fresher than ``PING_INTERVAL``. The
    sessions are as they were just loaded, and may be of many conversations. Whoever stopped pinging
    during a call is out of it by now, whether or not anybody looked: that is settled first.
    """
    due = [session for session in sessions if session.last_ping < now - PING_INTERVAL]
    for conversation_id in {s.conversation_id for s in due if s.is_stale_in_call(now)}:
        books.settle(conversation_id, now=now)
    return Session.objects.ping([session.pk for session in due], now) if due else 0


def _verify_password(conversation: Conversation, attendee: Attendee | None, password: str) -> bool:
    """Compare outside of any transaction, as the hash is slow; False where none is needed."""
    if not policies.needs_password(conversation, attendee):
        return False
    if not check_password(password, conversation.password):
        raise WrongPassword
    return True


def _current_attendee(
    conversation: Conversation, actor: Actor, attendee: Attendee | None
) -> Attendee | None:
    """Read under the lock who the actor is: a user by the user row, a guest by the record."""
    attendees = Attendee.objects.select_related("user").filter(conversation=conversation)
    if actor.user is not None:
        return attendees.filter(user=actor.user).first()
    return attendees.filter(pk=attendee.pk).first() if attendee is not None else None


def _replace_sessions(opened: books.Books, attendee: Attendee, *, force: bool) -> None:
    opened.by = attendee
    earlier = list(attendee.sessions.select_related("attendee__user").order_by("-last_ping"))
    in_call = [session for session in earlier if session.in_call != InCallFlag.DISCONNECTED]
    if in_call and not force:
        raise SessionConflict(
            session_id=in_call[0].session_id,
            in_call=in_call[0].in_call,
            last_ping=int(in_call[0].last_ping.timestamp()),
        )
    opened.close(earlier, LegReason.REPLACED)


def _refresh_name(attendee: Attendee) -> None:
    """Follow a renamed account; guests name themselves."""
    if attendee.user is None:
        return
    name = participants.name_of(attendee.user)
    if name != attendee.display_name:
        attendee.display_name = name
        attendee.save(update_fields=["display_name"])


def _newcomer(conversation: Conversation, actor: Actor, session_id: str) -> Attendee:
    entry = policies.entry_type(conversation, is_user=actor.is_user)
    if entry is None:
        raise NoSuchConversation
    if actor.user is not None:
        return participants.add_user(
            conversation=conversation, user=actor.user, participant_type=entry
        )
    return Attendee.objects.create(
        conversation=conversation,
        actor_type=ActorType.GUESTS,
        actor_id=hashlib.sha1(session_id.encode(), usedforsecurity=False).hexdigest(),
        participant_type=entry,
    )
