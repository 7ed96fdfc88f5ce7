"""Deleting sessions that expired, and those who belonged to a conversation only by them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import QuerySet

from talk_calls.conf import conf
from talk_calls.constants import InCallFlag, LegReason, ParticipantType
from talk_calls.models import Attendee, Session
from talk_calls.models.attendees import passing
from talk_calls.services import ended_sessions, events
from talk_calls.services.deletion_mark import delete_closed
from talk_calls.services.locked_conversation import LockedConversation
from talk_calls.signals import SessionClosed

#: Expired sessions that a newcomer deletes at most.
_BATCH = 100


def expired(now: datetime) -> QuerySet[Session]:
    """Return expired sessions that are in no call, or were taken out of it when they timed out."""
    return Session.objects.expired(now).filter(in_call=InCallFlag.DISCONNECTED)


def remove_passing(locked: LockedConversation) -> None:
    """Remove guests and self-joined users whose sessions expired from a conversation.

    A newcomer does this, so that rows do not pile up between two sweeps. Guest moderators are left
    to the sweeper: somebody promoted them, and they may only be asleep.
    """
    gone = expired(locked.now).filter(passing("attendee__"), conversation=locked.conversation)
    gone = gone.exclude(attendee__participant_type=ParticipantType.GUEST_MODERATOR)
    is_reported = locked.has_webhooks or events.has_receivers(SessionClosed)
    sessions = list(with_names(gone.order_by("pk"), is_reported)[:_BATCH])
    if sessions:
        delete(sessions, now=locked.now)
    if is_reported:
        locked.events.extend(closed(sessions))


def with_names(sessions: QuerySet[Session], is_reported: bool) -> QuerySet[Session]:
    """Load what ``delete`` needs, and ``closed`` if that is asked."""
    if not is_reported:
        return sessions.only("attendee_id", "window")
    return sessions.select_related("attendee__user", "conversation")


def delete(sessions: Sequence[Session], *, now: datetime) -> int:
    """Delete expired sessions, and passing attendees without another one; return how many of these.

    The sessions come from ``with_names``; the conversations of guests among them are locked.
    """
    Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()
    ended_sessions.note(sessions, LegReason.TIMEOUT, now=now)
    left = Attendee.objects.filter(pk__in=[session.attendee_id for session in sessions])
    removed = list(left.filter(passing(), sessions=None).values_list("pk", flat=True))
    delete_closed(Attendee.objects.filter(pk__in=removed))
    return len(removed)


def closed(sessions: Iterable[Session]) -> list[SessionClosed]:
    """Return the events of sessions that were deleted, at the times at which they expired."""
    return [
        SessionClosed(
            conversation_id=session.conversation_id,
            token=session.conversation.token,
            at=session.last_ping + conf.session_kill,
            session_key=session.key,
            **events.identity(session.attendee),
        )
        for session in sessions
    ]
