"""Noting why sessions ended, and telling it to the windows that had them.

Only windows that name themselves are told (``host.browser_sessions``): the name is random and
known to nobody else, and it outlives a logout, after which no cookie says whose session it was.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from talk_calls.constants import LegReason, SessionEnd
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.models import EndedSession, Session

#: What the end of a leg says about a session that is closed for the same reason. Others say that
#: it was closed on purpose by its own client, who need not be told.
_ENDS = {
    LegReason.REPLACED: SessionEnd.REPLACED,
    LegReason.REMOVED: SessionEnd.REMOVED,
    LegReason.PERMISSION: SessionEnd.ACCOUNT_DISABLED,
    LegReason.CONVERSATION_DELETED: SessionEnd.DELETED,
    LegReason.TIMEOUT: SessionEnd.TIMED_OUT,
}

#: Of so many sessions that end, one deletes what expired, so that the table stays small also where
#: nobody runs the sweeper.
_DELETES = 20


def note(
    sessions: Iterable[Session], reason: LegReason, *, now: datetime, end: SessionEnd | None = None
) -> None:
    """Store why sessions end, in the open transaction; one statement, and none without windows.

    ``end`` takes the place of what ``reason`` says. Each window has one row, so that one that comes
    in again and again does not fill the table.
    """
    named = [session for session in sessions if session.window]
    if not named:
        return
    end = end or _ENDS.get(reason, SessionEnd.LEFT)
    # Sorted, as transactions that lock rows in different orders may wait for each other.
    windows = sorted({session.window for session in named})
    EndedSession.objects.bulk_create(
        [EndedSession(window=window, reason=end, ended_at=now) for window in windows],
        update_conflicts=True,
        unique_fields=["window"],
        update_fields=["reason", "ended_at"],
    )
    if any(session.pk % _DELETES == 0 for session in named):
        transactions.on_commit(lambda: delete_expired(now), robust=True)


def reason_of(
    window: str, *, is_user: bool, is_remembered: bool, now: datetime
) -> SessionEnd | None:
    """Return why the last session of a window is gone; None if nobody knows.

    ``window`` is the digest that is stored with sessions, of one conversation. The session may be
    there while its login is not: ``is_user`` tells whether somebody is logged in, ``is_remembered``
    whether the browser has a session for whoever that is, which another one of the window replaced.
    Two queries, whose time tells nothing about the conversation.
    """
    found = Session.objects.filter(window=window).select_related("attendee__user")
    session = found.order_by("-pk").first()
    if session is not None and session.is_expired(now):
        return SessionEnd.TIMED_OUT
    user: Any = session.attendee.user if session is not None else None
    if user is not None and not is_user:
        return SessionEnd.LOGIN_EXPIRED if user.is_active else SessionEnd.ACCOUNT_DISABLED
    ended = EndedSession.objects.recent(now).filter(window=window).first()
    if ended is None or ended.reason == SessionEnd.LEFT:
        return None
    # What is there belongs to another login or guest of this window: an earlier end is none of it.
    is_over = session is None or is_remembered
    return SessionEnd(ended.reason) if is_over else None


@retried
def delete_expired(now: datetime) -> None:
    """Delete what is not told any more."""
    EndedSession.objects.expired(now).delete()
