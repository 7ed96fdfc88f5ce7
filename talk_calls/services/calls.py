"""Joining and leaving the call of a conversation (talk-api.md 4.3–4.5)."""

from datetime import datetime

from talk_calls import policies
from talk_calls.constants import InCallFlag, LegReason
from talk_calls.exceptions import NotInCall
from talk_calls.models import Session
from talk_calls.services import books
from talk_calls.services.conflicts import retried


@retried
def join(*, session: Session, flags: int, now: datetime) -> None:
    """Put ``session`` into the call with ``flags``, starting the call if there is none.

    ``flags`` is a bit field of ``InCallFlag``; 0 is the same as leaving. A session that is in the
    call already only gets the new flags. The policies are asked again under the lock, since a
    moderator may have raised the lobby a moment ago. Raises the first refusal of ``JOIN_CALL``.
    """
    if flags == InCallFlag.DISCONNECTED:
        leave(session=session, now=now)
        return
    with books.opened(session.conversation_id, now=now, own=session, touch=True) as opened:
        own = opened.acting()
        policies.enforce(policies.JOIN_CALL, opened.situation)
        opened.admit(own, flags)


@retried
def leave(*, session: Session, now: datetime) -> None:
    """Take ``session`` out of the call; it stays in the conversation.

    Leaving without being in the call only counts as activity of the conversation. Raises the first
    refusal of ``LEAVE_CALL``.
    """
    with books.opened(session.conversation_id, now=now, own=session, touch=True) as opened:
        own = opened.acting()
        policies.enforce(policies.LEAVE_CALL, opened.situation)
        opened.remove([own], LegReason.LEFT)


@retried
def change_flags(*, session: Session, flags: int, now: datetime) -> None:
    """Replace the in-call flags of a session that is in the call (talk-api.md 5).

    Raises ``NoSession``, or ``NotInCall`` for a session that is not in it and for flags without
    the in-call bit. Neither lock nor lobby matters: who had to leave is out already.
    """
    with books.opened(session.conversation_id, now=now, own=session) as opened:
        own = opened.acting()
        if own.in_call == InCallFlag.DISCONNECTED or not flags & InCallFlag.IN_CALL:
            raise NotInCall
        opened.admit(own, flags)


@retried
def end_for_all(*, session: Session, now: datetime) -> None:
    """End the call for everybody; from somebody who is no moderator it only leaves it.

    Who comes second, when the call has ended already, only leaves it too (talk-api.md 5).
    """
    with books.opened(session.conversation_id, now=now, own=session, touch=True) as opened:
        own = opened.acting()
        if own.attendee.is_moderator:
            opened.remove(opened.in_call(), LegReason.ENDED_FOR_ALL)
        else:
            opened.remove([own], LegReason.LEFT)
