"""Opening, keeping and closing sessions (behaviour 6.4, 6.5)."""

import hashlib
import secrets
import string
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db.models import Count
from django.dispatch import Signal

from talk_calls import policies
from talk_calls.constants import (
    MOST_DEVICES_IN_CALL,
    MOST_OTHER_DEVICES,
    PING_INTERVAL,
    SESSION_ID_LENGTH,
    ActorType,
    InCallFlag,
    LegReason,
    ParticipantType,
    SessionEnd,
    SessionState,
)
from talk_calls.db.retries import retried
from talk_calls.exceptions import NoSuchConversation, NoSuchTarget, SessionConflict, WrongPassword
from talk_calls.host import browser_sessions
from talk_calls.host.actors import Actor
from talk_calls.models import Attendee, Call, Conversation, Session
from talk_calls.models.attendees import passing
from talk_calls.models.audit import AuditAction
from talk_calls.services import banned, events, expiry, hpb_changes, locking, participants
from talk_calls.services.deletion_mark import delete_closed
from talk_calls.services.locked_conversation import LockedConversation
from talk_calls.signals import SessionOpened

#: Sent with ``count=`` when so many pings were stored.
pinged = Signal()

_ALPHABET = string.ascii_letters + string.digits + "+/"


def generate_session_id() -> str:
    """Return a new session id: 512 random characters (behaviour 3.2)."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(SESSION_ID_LENGTH))


@dataclass(frozen=True, slots=True)
class JoinResult:
    """The new session, with attendee and conversation, and the running call or None."""

    session: Session
    call: Call | None


@retried
def enter(  # noqa: PLR0913 -- one keyword per parameter of the request
    *,
    conversation: Conversation,
    actor: Actor,
    attendee: Attendee | None,
    password: str,
    force: bool,
    now: datetime,
    replaces: int | None = None,
    session: Session | None = None,
    window: str = "",
) -> JoinResult:
    """Open a session for ``actor``, who becomes an attendee if the conversation is open to it.

    API v1 to v3 have one session per attendee: with ``replaces`` None, all earlier ones are closed.
    In v4, ``replaces`` is the primary key of the only session to close, 0 for none (behaviour 3.1).
    ``session`` is one with which ``attendee`` is online already: it stands for the password.
    ``window`` is the digest of the browser's window (``host.browser_sessions``).
    Raises ``SessionConflict`` if one of them is in the call and ``force`` is False,
    ``WrongPassword``, or ``NoSuchConversation``, ``Banned`` or ``ConversationFull`` if ``actor``
    may not become an attendee. A refusal changes nothing.
    """
    verified = session is None and _verify_password(conversation, attendee, password)
    with locking.locked(conversation.pk, now=now) as locked:
        session_id = generate_session_id()
        # Read again, since the attendee may have been created or removed meanwhile.
        current = _current_attendee(locked.conversation, actor, attendee)
        if policies.needs_password(locked.conversation, current) and not (
            verified or _is_online(current, session, now=locked.now)
        ):
            raise WrongPassword
        if current is None:
            current = _newcomer(locked, actor, session_id)
        else:
            _close_replaced_sessions(locked, current, replaces, force=force)
            locked.only_opens_session = not _refresh_name(current)
        session = Session.objects.create(
            session_id=session_id,
            attendee=current,
            conversation=locked.conversation,
            last_ping=locked.now,
            created_at=locked.now,
            window=window,
        )
        locked.add_event(SessionOpened, session_key=session.key, **events.identity(current))
        return JoinResult(session, locked.call)


@retried
def leave(*, session: Session, now: datetime, end: SessionEnd = SessionEnd.LEFT) -> None:
    """Close a session: out of the call, out of the conversation; its window is told ``end``.

    Self-joined users and guests are removed with their last session. Neither the lobby nor a
    read-only conversation prevents leaving.
    """
    # A session or conversation that has been deleted meanwhile is no error.
    with (
        suppress(NoSuchConversation),
        locking.locked(session.conversation_id, now=now, acting_session=session) as locked,
    ):
        if locked.acting_session is None:
            return
        locked.session_end = end
        hpb_changes.session_left(locked.acting_session)
        _close(locked, locked.acting_session, LegReason.ROOM_LEFT)


@retried
def remove(
    *, session: Session, now: datetime | None = None, performed_by: Attendee | None = None
) -> None:
    """Close a session for an operator or the site: out of the call and the conversation.

    Self-joined users and guests are removed with their last session, as in ``leave``. The attendee
    may join again. Raises ``NoSuchTarget`` if the session is closed already.
    """
    with locking.locked(session.conversation_id, now=now, performed_by=performed_by) as locked:
        sessions = locked.conversation.sessions.select_related("attendee__user")
        found = sessions.filter(pk=session.pk).first()
        if found is None:
            raise NoSuchTarget
        locked.record(AuditAction.SESSION_REMOVED, performed_by, target=found.attendee)
        _close(locked, found, LegReason.REMOVED)


@retried
def close_others(*, attendee: Attendee, session: Session | None, now: datetime) -> None:
    """Close all sessions of an attendee but ``session``, as one that comes in elsewhere does.

    Self-joined users are removed with their last one. If ``session`` has been closed meanwhile, as
    by one of the others, it ends nobody. What has been deleted meanwhile is no error.
    """
    with (
        suppress(NoSuchConversation),
        locking.locked(attendee.conversation_id, now=now, acting_session=session) as locked,
    ):
        if session is not None and locked.acting_session is None:
            return
        locked.performed_by = attendee
        others = locked.conversation.sessions.filter(attendee=attendee)
        if session is not None:
            others = others.exclude(pk=session.pk)
        locked.close_sessions(list(others.select_related("attendee__user")), LegReason.REPLACED)
        # By the role that is stored now: somebody may have made them a member.
        left = Attendee.objects.filter(passing(), pk=attendee.pk, sessions=None)
        delete_closed(left)


def _close(locked: LockedConversation, session: Session, reason: LegReason) -> None:
    attendee = session.attendee
    locked.close_sessions([session], reason)
    if attendee.is_passing and not attendee.sessions.exists():
        delete_closed(attendee)


def set_state(*, session: Session, state: SessionState) -> None:
    """Store whether the conversation is visible on this device (constants 2.8)."""
    # An update and not a save: the session may have been deleted, which is no error.
    Session.objects.filter(pk=session.pk).update(state=state)
    session.state = state


def ping(sessions: Collection[Session], *, now: datetime) -> int:
    """Store pings of sessions in one statement; return how many were stored.

    Sessions whose stored ping is more recent than ``PING_INTERVAL`` are skipped. The sessions have
    just been loaded, and may be of many conversations. Those that timed out of a call are taken out
    of it first, since a ping must not put them into it again.
    """
    due = [session for session in sessions if session.last_ping < now - PING_INTERVAL]
    for conversation_id in {s.conversation_id for s in due if s.has_timed_out(now)}:
        locking.apply_timeouts(conversation_id, now=now)
    if not due:
        return 0
    stored = Session.objects.filter(pk__in=[each.pk for each in due]).ping(now)
    pinged.send(None, count=stored)
    return stored


@retried
def ping_by_id(session_ids: Collection[str], *, now: datetime) -> int:
    """Store pings of sessions that are not loaded; return how many were stored.

    One statement. If it found fewer than that, some of them timed out or are gone: those that timed
    out are taken out of their calls and pinged then, as in ``ping``.
    """
    named = Session.objects.filter(session_id__in=session_ids)
    stored = named.ping(now)
    if stored < len(session_ids):
        late = set(named.timed_out(now).values_list("conversation", flat=True))
        for conversation_id in late:
            locking.apply_timeouts(conversation_id, now=now)
        stored += named.ping(now) if late else 0
    pinged.send(None, count=stored)
    return stored


def _verify_password(conversation: Conversation, attendee: Attendee | None, password: str) -> bool:
    """Check the password outside of any transaction, as that is slow; False if none is needed."""
    if not policies.needs_password(conversation, attendee):
        return False
    # An empty password is not counted as a guess, so it must not cost a slow hash either.
    if not password or not check_password(password, conversation.password):
        raise WrongPassword
    return True


def _is_online(attendee: Attendee | None, session: Session | None, *, now: datetime) -> bool:
    """Tell whether the attendee still has the session, which may have been closed meanwhile."""
    if attendee is None or session is None:
        return False
    return Session.objects.present(now).filter(pk=session.pk, attendee=attendee).exists()


def _current_attendee(
    conversation: Conversation, actor: Actor, attendee: Attendee | None
) -> Attendee | None:
    """Read the attendee again under the lock: a user by the user row, a guest by ``attendee``."""
    attendees = Attendee.objects.select_related("user").filter(conversation=conversation)
    attendees = attendees.annotate(**{"devices_total": Count("sessions")})
    if actor.user is not None:
        return attendees.filter(user=actor.user).first()
    return attendees.filter(pk=attendee.pk).first() if attendee is not None else None


def _close_replaced_sessions(
    locked: LockedConversation, attendee: Attendee, replaces: int | None, *, force: bool
) -> None:
    """Close the sessions that a new one replaces, and the oldest if there are too many."""
    if replaces == 0 and attendee.devices_total <= MOST_OTHER_DEVICES:
        return
    locked.performed_by = attendee
    sessions = list(attendee.sessions.select_related("attendee__user").order_by("-last_ping"))
    earlier = [session for session in sessions if replaces in (None, session.pk)]
    _replace(locked, earlier, force=force)
    others = [session for session in sessions if session not in earlier]
    idle = [session for session in others if session.in_call == InCallFlag.DISCONNECTED]
    in_call = [session for session in others if session.in_call != InCallFlag.DISCONNECTED]
    surplus = idle[MOST_OTHER_DEVICES:] + in_call[MOST_DEVICES_IN_CALL:]
    locked.close_sessions(surplus, LegReason.REPLACED)


def _replace(locked: LockedConversation, earlier: list[Session], *, force: bool) -> None:
    in_call = [session for session in earlier if session.in_call != InCallFlag.DISCONNECTED]
    if in_call and not force:
        raise SessionConflict(
            session_id=in_call[0].session_id,
            in_call=in_call[0].in_call,
            last_ping=int(in_call[0].last_ping.timestamp()),
        )
    locked.close_sessions(earlier, LegReason.REPLACED)


def _refresh_name(attendee: Attendee) -> bool:
    """Store the name of a renamed account, and tell whether it was; guests name themselves."""
    if attendee.user is None:
        return False
    name = participants.name_of(attendee.user)
    if name == attendee.display_name:
        return False
    attendee.display_name = name
    attendee.save(update_fields=["display_name"])
    return True


def _newcomer(locked: LockedConversation, actor: Actor, session_id: str) -> Attendee:
    conversation, now = locked.conversation, locked.now
    entry = policies.entry_type(conversation, is_user=actor.is_user)
    if entry is None:
        raise NoSuchConversation
    banned.refuse_actor(locked, actor)
    expiry.remove_passing(locked)
    if actor.user is not None:
        attendee, _is_new = participants.admit_user(locked, actor.user, entry, bounded=True)
        if entry == ParticipantType.USER:
            participants.announce_added(locked, [actor.user], attendee)
        return attendee
    guest = Attendee.objects.create(
        conversation=conversation,
        actor_type=ActorType.GUESTS,
        actor_id=hashlib.sha1(session_id.encode(), usedforsecurity=False).hexdigest(),
        participant_type=entry,
        browser=browser_sessions.browser_of(conversation.token, actor.browser),
        modified_at=now,
    )
    participants.refuse_beyond_bound(locked)
    return guest
