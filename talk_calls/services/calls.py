"""Joining and leaving the call of a conversation (behaviour 4.3–4.5)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.core.cache import cache

from talk_calls import policies
from talk_calls.constants import RING_INTERVAL, InCallFlag, LegReason
from talk_calls.db.retries import retried
from talk_calls.exceptions import MayNotStartCall, NoCall, NotInCall, NotRingable
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.services import locking, participants


@retried
def join(  # noqa: PLR0913 -- one keyword per parameter of the request
    *,
    session: Session,
    flags: int,
    now: datetime,
    consents: bool = False,
    silent: bool = False,
    silent_for: Sequence[str] = (),
) -> None:
    """Put ``session`` into the call with ``flags``, starting the call if there is none.

    ``flags`` is a bit field of ``InCallFlag``; 0 is the same as leaving. A session that is in the
    call already only gets the new flags. ``consents`` agrees to be recorded. ``silent`` and
    ``silent_for`` (user ids) say how a call that starts is announced (behaviour 5). The policies
    are checked under the lock, since a moderator may have raised the lobby a moment ago. Raises the
    first refusal of ``JOIN_CALL``, or of ``LEAVE_CALL`` where ``flags`` is 0.
    """
    if flags == InCallFlag.DISCONNECTED:
        leave(session=session, now=now)
        return
    with locking.locked(
        session.conversation_id, now=now, acting_session=session, touch=True
    ) as locked:
        acting_session = locked.require_session()
        policies.enforce(policies.JOIN_CALL, replace(locked.situation, consents=consents))
        locked.silent, locked.silent_for = silent, tuple(silent_for)
        locked.put_in_call(acting_session, flags)


@retried
def leave(
    *, session: Session, now: datetime, rules: tuple[policies.Rule, ...] = policies.LEAVE_CALL
) -> None:
    """Take ``session`` out of the call; it stays in the conversation.

    Leaving without being in the call only counts as activity of the conversation. Raises the first
    refusal of ``rules``.
    """
    with locking.locked(
        session.conversation_id, now=now, acting_session=session, touch=True
    ) as locked:
        acting_session = locked.require_session()
        policies.enforce(rules, locked.situation)
        locked.remove_from_call([acting_session], LegReason.LEFT)


@retried
def change_flags(*, session: Session, flags: int, now: datetime) -> None:
    """Replace the in-call flags of a session that is in the call (behaviour 5).

    Raises ``NoSession``, or ``NotInCall`` for a session that is not in it and for flags without
    the in-call bit. Read-only and lobby are not checked: they have taken sessions out already.
    """
    with locking.locked(session.conversation_id, now=now, acting_session=session) as locked:
        acting_session = locked.require_session()
        if acting_session.in_call == InCallFlag.DISCONNECTED or not flags & InCallFlag.IN_CALL:
            raise NotInCall
        locked.put_in_call(acting_session, flags)


@retried
def end_for_all(*, session: Session, now: datetime) -> None:
    """End the call for everybody; a session of no moderator only leaves it.

    If the call has ended already, nothing happens (behaviour 5).
    """
    with locking.locked(
        session.conversation_id, now=now, acting_session=session, touch=True
    ) as locked:
        acting_session = locked.require_session()
        if policies.moderates(locked.conversation, acting_session.attendee):
            locked.remove_from_call(locked.in_call(), LegReason.ENDED_FOR_ALL)
        else:
            locked.remove_from_call([acting_session], LegReason.LEFT)


@retried
def end(
    *,
    conversation: Conversation,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
    call: int | None = None,
) -> None:
    """End the running call for everybody, by an operator or the site.

    With ``call``, a primary key, only that call is ended, and not one that started since. Raises
    ``NoCall`` if there is none to end; the end of a call that timed out is stored all the same.
    """
    with locking.locked(conversation.pk, now=now, performed_by=performed_by, touch=True) as locked:
        ends = locked.call is not None and call in {None, locked.call.pk}
        if ends:
            locked.remove_from_call(locked.in_call(), LegReason.ENDED_FOR_ALL, others_stay=False)
    if not ends:
        raise NoCall


@retried
def ring(*, session: Session, attendee_id: int, now: datetime) -> None:
    """Send ``CallRang``, which asks a user to join the call (behaviour 5).

    Does nothing if the session rang the same user less than ``RING_INTERVAL`` ago. Raises
    ``NoSession``, ``MayNotStartCall`` for those who may not start a call, ``NoCall``, ``NotInCall``
    if the session is not in it, ``NoSuchTarget``, and ``NotRingable`` for an attendee that is no
    user, who could not come in (``policies.can_come``), or who is in the call already.
    """
    with locking.locked(session.conversation_id, now=now, acting_session=session) as locked:
        acting_session = locked.require_session()
        if not policies.can_start_calls(locked.conversation, acting_session.attendee):
            raise MayNotStartCall
        if locked.call is None:
            raise NoCall
        if acting_session.in_call == InCallFlag.DISCONNECTED:
            raise NotInCall
        target = participants.find(conversation=locked.conversation, attendee_id=attendee_id)
        is_in_call = target.sessions.in_call().exists()
        if is_in_call or not policies.can_come(locked.conversation, target, locked.now):
            raise NotRingable
        if _starts_to_ring(target, f"{locked.call.pk}.{acting_session.pk}"):
            locked.ring([target], acting_session.attendee)


@retried
def ring_users(
    *,
    conversation: Conversation,
    users: Iterable[HostUser],
    performed_by: Attendee,
    now: datetime | None = None,
) -> list[Attendee]:
    """Ask users to join the call, for one who need not be in it; return who is being rung.

    Left out are the one who rings, users who do not belong to the conversation, are in its call
    already or could not come in, and those whom the same one rang less than ``RING_INTERVAL`` ago.
    No call need be running. Raises ``NoSuchConversation``, and ``CallsDisabled`` or
    ``ConversationReadOnly`` where nobody could come.
    """
    with locking.locked(conversation.pk, now=now) as locked:
        policies.enforce((policies.calls_are_enabled, policies.is_writable), locked.situation)
        attendees = locked.conversation.attendees.select_related("user")
        others = [user.pk for user in users if user.pk != performed_by.user_id]
        wanted = attendees.filter(user__in=others)
        absent = wanted.exclude(pk__in=locked.live_attendees()).order_by("pk")
        by = f"{conversation.pk}.user.{performed_by.user_id}"
        targets = [
            target
            for target in absent
            if policies.can_come(locked.conversation, target, locked.now)
            and _starts_to_ring(target, by)
        ]
        locked.ring(targets, performed_by)
        return targets


def _starts_to_ring(target: Attendee, by: str) -> bool:
    """Tell whether the same caller did not ring this attendee a moment ago."""
    seconds = RING_INTERVAL.total_seconds()
    return bool(cache.add(f"talk_calls.ring.{by}.{target.pk}", True, seconds))
