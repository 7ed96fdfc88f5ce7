"""The lock of a conversation, which every change of its call takes.

``locked`` locks the row of a conversation, reads its present state in one query, and takes the
sessions that timed out out of the call: they left when they timed out, not when somebody noticed.
Events are sent after the commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime

from talk_calls import policies, signals
from talk_calls.conf import conf
from talk_calls.constants import CLOCK_TOLERANCE, SystemMessageKind
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import NoSuchConversation, NotModerator
from talk_calls.host import clock
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.models.audit import AuditAction
from talk_calls.models.conversations import lock_conversation, touch_conversation
from talk_calls.services import audit, events, hpb_changes, outbox, statements, system_messages
from talk_calls.services.locked_conversation import LockedConversation


@contextmanager
def locked(
    conversation_id: int,
    *,
    now: datetime | None = None,
    acting_session: Session | None = None,
    performed_by: Attendee | None = None,
    touch: bool = False,
) -> Iterator[LockedConversation]:
    """Lock a conversation for a transaction; timed out sessions are out of its call.

    A lobby whose timer ran out is down in its row too.

    ``now`` is when the change was asked for, by default the time by the clock.
    ``acting_session`` is the session that acts. ``performed_by`` is the attendee who acts without a
    session, or an operator (``participants.operator``). With ``touch`` the locking statement also
    stores ``now`` as the last activity. Raises ``NoSuchConversation`` if the conversation is gone,
    and ``NotModerator`` if ``performed_by`` was a moderator when it was loaded and is none now. An
    error inside the block rolls everything back, and no event is sent.
    """
    asked_at = now or clock.now()
    with transactions.atomic():
        exists = (
            touch_conversation(conversation_id, asked_at)
            if touch
            else lock_conversation(conversation_id)
        )
        if not exists:
            raise NoSuchConversation
        # Use the later of that and the clock, since the previous holder of the lock may have
        # committed after it.
        locked_conversation = _read(
            conversation_id,
            now=max(asked_at, clock.now()),
            acting_session=acting_session,
            performed_by=performed_by,
        )
        locked_conversation.apply_timeouts()
        locked_conversation.apply_lobby_timer()
        with _recorded(locked_conversation):
            yield locked_conversation
            _mark(conversation_id, locked_conversation)


@contextmanager
def created(conversation: Conversation, by: Attendee | None) -> Iterator[LockedConversation]:
    """Give a conversation that ``by`` created in the open transaction, as ``locked`` does.

    Nobody else sees it yet. None as ``by`` is the site.
    """
    locked_conversation = LockedConversation(
        conversation=conversation,
        call=None,
        acting_session=None,
        performed_by=by,
        others_in_call=False,
        resumes=None,
        has_webhooks=outbox.wanted(),
        now=conversation.created_at,
    )
    _tell_creation(locked_conversation, by)
    with _recorded(locked_conversation):
        yield locked_conversation


def _tell_creation(locked: LockedConversation, by: Attendee | None) -> None:
    """Say that it was created; who calls whom in a one-to-one is no moderation."""
    kind = SystemMessageKind.CONVERSATION_CREATED
    locked.messages.append(system_messages.new(locked.conversation, kind, by, at=locked.now))
    if not locked.conversation.is_one_to_one:
        locked.record(AuditAction.CONVERSATION_CREATED, by)
    locked.add_event(signals.ConversationCreated, **events.identity(by))


@contextmanager
def _recorded(locked: LockedConversation) -> Iterator[None]:
    """Store what the block does: messages, entries of the audit trail, and events.

    What somebody did comes before what followed from it, and after what was over before.
    """
    before = dict(vars(locked.conversation))
    overdue = len(locked.events)
    yield
    system_messages.store(locked, before)
    entries = audit.store(locked, before)
    events.emit(
        [*locked.events[:overdue], *entries, *locked.events[overdue:]],
        now=locked.now,
        for_webhooks=locked.has_webhooks,
        conversation=locked.conversation,
    )


def _mark(conversation_id: int, locked_conversation: LockedConversation) -> None:
    """Note that the HPB has to be told, but not of a session that was opened.

    It asks about that itself; and many come at once, for each of whom all would be read.
    """
    changed = locked_conversation.events
    only_opened = all(isinstance(each, signals.SessionOpened) for each in changed)
    skips = locked_conversation.only_opens_session and only_opened
    mark = hpb_changes.mark_in_use if skips else hpb_changes.mark
    mark(conversation_id, locked_conversation.conversation.token)


@retried
def apply_timeouts(conversation_id: int, *, now: datetime) -> list[signals.Event]:
    """Take timed out sessions out of the call of a conversation; return the events of that."""
    with suppress(NoSuchConversation), locked(conversation_id, now=now) as locked_conversation:
        return locked_conversation.events
    return []


def _read(
    conversation_id: int,
    *,
    now: datetime,
    acting_session: Session | None,
    performed_by: Attendee | None,
) -> LockedConversation:
    """Read the state in one query: conversation, calls, acting and timed out sessions."""
    rows = statements.read_state(
        conversation_id, acting_session=acting_session, performed_by=performed_by, now=now
    )
    conversation = rows[0]
    # Django sets no attribute for a joined relation without a row.
    sessions = [row.read_session for row in rows if hasattr(row, "read_session")]
    acting = _find(sessions, acting_session, now)
    call = getattr(conversation, "open_call", None)
    if performed_by is not None and performed_by.is_moderator:
        _require_moderator(conversation, getattr(conversation, "moderator", None))
    latest = _plausible(now, call and call.started_at, conversation.just_ended_at)
    return LockedConversation(
        conversation=conversation,
        call=call,
        acting_session=acting,
        performed_by=acting.attendee if acting else performed_by,
        others_in_call=conversation.others_in_call,
        resumes=conversation.just_ended,
        has_webhooks=conversation.has_webhooks or bool(conf.webhooks),
        now=max([now, *latest]),
        _timed_out=[session for session in sessions if session.has_timed_out(now)],
    )


def _find(sessions: list[Session], wanted: Session | None, now: datetime) -> Session | None:
    """Return the session as it is now, or None if it expired or was deleted."""
    found = (each for each in sessions if wanted and each.pk == wanted.pk)
    session = next(found, None)
    return None if session is None or session.is_expired(now) else session


def _require_moderator(conversation: Conversation, attendee: Attendee | None) -> None:
    if attendee is None or not policies.moderates(conversation, attendee):
        raise NotModerator


def _plausible(now: datetime, *moments: datetime | None) -> list[datetime]:
    """Return the moments up to ``CLOCK_TOLERANCE`` after ``now``.

    They come from a machine whose clock is a little ahead, and what follows must not be earlier.
    Later ones come from a clock that was wrong; to follow it would time out everybody at once.
    """
    return [moment for moment in moments if moment and moment < now + CLOCK_TOLERANCE]
