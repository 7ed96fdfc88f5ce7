"""The books of one locked conversation: who is in its call, and the record of that.

This is the only module that writes ``Session.in_call``, ``Call`` and ``CallLeg``. Whoever wants to
change who is in a call opens the books, which locks the conversation, reads the present state in
one query and first settles what happened unseen: sessions that stopped pinging left when their time
was up, not when somebody noticed. What happened is told when all is committed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, QuerySet

from talk_calls import policies, signals
from talk_calls.conf import conf
from talk_calls.constants import (
    CLOCK_TOLERANCE,
    RESUMED_WITHIN,
    InCallFlag,
    LegReason,
    Permission,
)
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.exceptions import NoSession, NoSuchConversation, NotModerator
from talk_calls.host import clock
from talk_calls.models import Attendee, Call, CallLeg, Conversation, Session
from talk_calls.models.conversations import lock_conversation, touch_conversation
from talk_calls.services import events, statements
from talk_calls.services.deletion import delete_closed

#: History and events of what nobody did.
NOBODY = {"actor_type": "", "actor_id": "", "display_name": ""}


@dataclass
class Books:
    """The state of a locked conversation at ``now``.

    ``own`` is the session that acts, with its attendee, or None if it does not exist any more.
    ``by`` is the attendee who acts, or None for nobody in the conversation. ``others_live`` tells
    whether anybody else is in the call; ``resumes`` is the call that ended a moment ago, if any.
    """

    conversation: Conversation
    call: Call | None
    own: Session | None
    by: Attendee | None
    others_live: bool
    resumes: int | None
    now: datetime
    #: How a call that starts now is announced.
    silent: bool = False
    silent_for: tuple[str, ...] = ()
    events: list[signals.Event] = field(default_factory=list)
    _stale: list[Session] = field(default_factory=list)

    @property
    def has_call(self) -> bool:
        """Tell whether somebody is in; true only of settled books."""
        return self.call is not None

    @property
    def situation(self) -> policies.Situation:
        """Return what the policies judge for the acting session."""
        return policies.Situation(
            conversation=self.conversation,
            attendee=self.own.attendee if self.own else None,
            session=self.own,
            has_call=self.has_call,
            now=self.now,
        )

    def acting(self) -> Session:
        """Return the acting session; raises ``NoSession`` if it went since it was looked up."""
        if self.own is None:
            raise NoSession
        return self.own

    def in_call(self) -> list[Session]:
        """Return all sessions in call with their attendees and users; one query."""
        sessions = Session.objects.in_call().filter(conversation=self.conversation)
        return list(sessions.select_related("attendee__user"))

    def note(self, kind: type[signals.Event], **facts: Any) -> None:
        """Have an event told after the commit; where and when it happened is filled in."""
        facts.setdefault("at", self.now)
        self.events.append(
            kind(conversation_id=self.conversation.pk, token=self.conversation.token, **facts)
        )

    def changed(self, *fields: str) -> None:
        """Store fields of the conversation, and have the change told; it counts as activity."""
        self.conversation.last_activity_at = max(self.now, self.conversation.last_activity_at)
        self._store(*fields, also=("last_activity_at",))

    def _store(self, *fields: str, also: tuple[str, ...] = ()) -> None:
        self.conversation.save(update_fields=[*fields, *also])
        self.note(signals.ConversationChanged, changed=fields)

    def settle(self) -> None:
        """Book what happened unseen: timeouts, and the end of a call that ran out of people."""
        if self._stale:
            self._time_out(self._stale)
        own_live = self.own is not None and self.own.in_call != InCallFlag.DISCONNECTED
        if self.call and not own_live and not self.others_live:
            self._end_deserted(self.call)

    def admit(self, session: Session, flags: int) -> None:
        """Put ``session`` into the call with ``flags``, or replace its flags if it is in.

        Media that the attendee may not send are taken off. Raises ``NoSession`` if the session was
        swept away a moment ago.
        """
        flags = policies.allowed_flags(self.conversation, session.attendee, flags)
        call_flags = policies.call_flags_of(self.conversation, session.attendee, flags)
        before = session.in_call if self.call else InCallFlag.DISCONNECTED
        session.in_call = flags
        session.last_ping = self._counting_ping(session)
        if before == InCallFlag.DISCONNECTED:
            session.moved_at = _not_before(self.now, session.moved_at)
        if not statements.set_flags(session):
            raise NoSession
        call = self._open_or_widen(call_flags, session)
        if before == InCallFlag.DISCONNECTED:
            self._start_leg(call, session, flags)
        else:
            self._change_flags(call, session, before)

    def remove(
        self,
        sessions: Iterable[Session],
        reason: LegReason,
        *,
        others_stay: bool | None = None,
        stored: bool = True,
    ) -> None:
        """Take sessions out of the call; whoever is not in it is passed over.

        The sessions come with their attendees and users. ``others_stay`` tells whether anybody
        else is in the call; None looks. With ``stored`` False, the rows are about to be deleted and
        are left as they are.
        """
        gone = [session for session in sessions if session.in_call != InCallFlag.DISCONNECTED]
        if not gone:
            return
        if others_stay is None:
            others_stay = self.call is not None and self._anybody_but(gone)
        ending = None if others_stay else self.call
        statements.leave_call(gone, self.now, stored=stored)
        if ending:  # those of sessions whose rows are gone, too
            statements.end_all_legs(ending, reason, self.now)
        else:
            statements.end_legs(gone, reason, self.now)
        for session in gone:
            self._note_left(session, reason, at=session.moved_at)
        if ending:
            self._end(ending, reason, _not_before(self.now, *(s.moved_at for s in gone)))

    def remove_those_who(
        self, refusal: Callable[[policies.Situation], policies.Refusal], reason: LegReason
    ) -> list[Session]:
        """Take everybody out of the call whom the rule now refuses (design: a lost right).

        Returns the sessions that stay.
        """
        in_call = self.in_call()
        refused = [session for session in in_call if refusal(self._situation_of(session))]
        # Whoever vanished was settled, so all the others are here.
        self.remove(refused, reason, others_stay=len(refused) < len(in_call))
        gone = {session.pk for session in refused}
        return [session for session in in_call if session.pk not in gone]

    def _situation_of(self, session: Session) -> policies.Situation:
        return policies.Situation(
            self.conversation, session.attendee, session, self.has_call, self.now
        )

    def reconsider(self) -> None:
        """Ask again what everybody in the call may do, after a change of rights.

        Whoever would have to wait in the lobby now is taken out; media that somebody may not send
        any more are taken off.
        """
        stay = self.remove_those_who(policies.is_past_lobby, LegReason.PERMISSION)
        for flags, sessions in self._to_be_muted(stay).items():
            self._mute(sessions, flags)

    def _to_be_muted(self, in_call: Iterable[Session]) -> dict[int, list[Session]]:
        """Return who sends what they may not, by the flags that are left to them."""
        muted: dict[int, list[Session]] = defaultdict(list)
        for session in in_call:
            flags = policies.allowed_flags(self.conversation, session.attendee, session.in_call)
            if flags != session.in_call:
                muted[flags].append(session)
        return muted

    def _mute(self, sessions: list[Session], flags: int) -> None:
        before = {session.pk: session.in_call for session in sessions}
        statements.change_flags(sessions, flags)
        for session in sessions:
            call_flags = policies.call_flags_of(self.conversation, session.attendee, flags)
            call = self._open_or_widen(call_flags, session)
            self._note_flags(call, session, before[session.pk])

    def close(self, sessions: Collection[Session], reason: LegReason) -> None:
        """Take sessions out of the call and out of the conversation."""
        if not sessions:
            return
        self._close(sessions, reason)
        Session.objects.filter(pk__in=[session.pk for session in sessions]).delete()

    def dismiss(self, attendees: QuerySet[Attendee] | Attendee, reason: LegReason) -> None:
        """Delete attendees, or one of them, with their sessions out of the call first."""
        whom = [attendees] if isinstance(attendees, Attendee) else attendees
        live = Session.objects.live_in_call(self.now).filter(conversation=self.conversation)
        sessions = Session.objects.filter(attendee__in=whom).select_related("attendee__user")
        gone = list(sessions.annotate(others_stay=Exists(live.exclude(attendee__in=whom))))
        self._close(gone, reason, others_stay=gone[0].others_stay if gone else None)
        delete_closed(attendees)
        self.note(signals.ConversationChanged, changed=("attendees",))

    def _close(
        self, sessions: Collection[Session], reason: LegReason, *, others_stay: bool | None = None
    ) -> None:
        """Do all that closing sessions is but for deleting their rows."""
        self.remove(sessions, reason, others_stay=others_stay, stored=False)
        for session in sessions:
            self.note(signals.SessionClosed, session_key=session.key, **identity(session.attendee))

    def delete_conversation(self) -> None:
        """End the call, close all sessions, and delete the conversation; its history stays."""
        sessions = self.conversation.sessions.select_related("attendee__user")
        self._close(list(sessions), LegReason.CONVERSATION_DELETED, others_stay=False)
        self.note(signals.ConversationChanged, changed=("deleted",))
        delete_closed(self.conversation)

    def _counting_ping(self, session: Session) -> datetime:
        """Return the ping after a join: a session that no longer counted pings by joining.

        Joining is no ping otherwise (behaviour 3.4).
        """
        return self.now if session.vanishes_at < self.now else session.last_ping

    def _anybody_but(self, gone: list[Session]) -> bool:
        if self.own is not None and len(gone) == 1 and gone[0].pk == self.own.pk:
            return self.others_live
        live = Session.objects.live_in_call(self.now).filter(conversation=self.conversation)
        return live.exclude(pk__in=[session.pk for session in gone]).exists()

    def _open_or_widen(self, flags: int, session: Session) -> Call:
        if self.call is None:
            self.call = self._start(flags, session)
        elif self.call.flags | flags != self.call.flags:
            self.call.flags |= flags
            self.call.save(update_fields=["flags"])
        return self.call

    def _start(self, flags: int, session: Session) -> Call:
        call = Call.objects.create(
            conversation=self.conversation,
            conversation_name=self.conversation.name,
            started_at=session.moved_at or self.now,
            flags=flags,
            resumes_id=self.resumes,
        )
        self.note(
            signals.CallStarted,
            call_id=call.pk,
            resumes=self.resumes,
            silent=self.silent,
            silent_for=self.silent_for,
            **identity(session.attendee),
        )
        return call

    def _start_leg(self, call: Call, session: Session, flags: int) -> None:
        who = identity(session.attendee)
        CallLeg.objects.create(
            call=call,
            session_key=session.key,
            user=session.attendee.user,
            joined_at=session.moved_at or self.now,
            flags=flags,
            **who,
        )
        facts = {"call_id": call.pk, "session_key": session.key, "flags": flags}
        self.note(signals.CallJoined, **facts, **who)

    def _change_flags(self, call: Call, session: Session, before: int) -> None:
        if session.in_call == before:
            return
        statements.widen_legs([session], session.in_call)
        self._note_flags(call, session, before)

    def _note_flags(self, call: Call, session: Session, before: int) -> None:
        facts = {"call_id": call.pk, "session_key": session.key, "flags": session.in_call}
        self.note(signals.CallFlagsChanged, before=before, **facts, **identity(session.attendee))

    def _note_left(self, session: Session, reason: LegReason, *, at: datetime | None) -> None:
        self.note(
            signals.CallLeft,
            call_id=self.call.pk if self.call else None,
            session_key=session.key,
            reason=reason.value,
            at=at,
            **identity(session.attendee),
        )

    def _time_out(self, stale: list[Session]) -> None:
        vanished = {session.key: session.vanishes_at for session in stale}
        legs = list(CallLeg.objects.filter(session_key__in=list(vanished), left_at=None))
        for leg in legs:
            leg.left_at = max(leg.joined_at, vanished[leg.session_key])
            leg.reason = LegReason.TIMEOUT
        CallLeg.objects.bulk_update(legs, ["left_at", "reason"])
        statements.leave_call(stale, self.now)
        for session in stale:
            self._note_left(session, LegReason.TIMEOUT, at=vanished[session.key])

    def _end_deserted(self, call: Call) -> None:
        """End a call when its last leg ended; a leg whose session row is gone ends now."""
        call.legs.filter(left_at=None).update(
            left_at=statements.not_before("joined_at", self.now), reason=LegReason.REMOVED
        )
        last = call.legs.aggregate(left_at=Max("left_at"))["left_at"]
        self._end(call, LegReason.TIMEOUT, last or self.now)

    def _end(self, call: Call, reason: LegReason, when: datetime) -> None:
        by = identity(self.by if reason != LegReason.TIMEOUT else None)
        statements.end_call(call, reason, when, by=by)
        self.note(
            signals.CallEnded,
            call_id=call.pk,
            started_at=call.started_at,
            reason=reason.value,
            at=max(when, call.started_at),
            **by,
        )
        if when > self.now - RESUMED_WITHIN:
            self.resumes = call.pk
        if self.conversation.call_permissions != Permission.DEFAULT:
            self.conversation.call_permissions = Permission.DEFAULT
            # Somebody may have noticed late that they all vanished, which is no activity.
            self._store("call_permissions")
        self.call = None


def _not_before(now: datetime, *moments: datetime | None) -> datetime:
    """Return ``now``, or what another machine noted if its clock is a little ahead.

    Machines do not agree to the microsecond, and what follows must not come before.
    """
    return max([now, *filter(None, moments)])


def _close_to(now: datetime, *moments: datetime | None) -> list[datetime]:
    """Return the moments that may be of a clock a little ahead, and not of one that was wrong.

    To follow that one would end every call at once.
    """
    return [moment for moment in moments if moment and moment < now + CLOCK_TOLERANCE]


def identity(attendee: Attendee | None) -> dict[str, str]:
    """Return how clients know an attendee now, as history and events keep it."""
    if attendee is None:
        return NOBODY
    user = attendee.user
    return {
        "actor_type": attendee.actor_type,
        "actor_id": conf.directory.user_id(user)[:255] if user else attendee.actor_id,
        "display_name": attendee.display_name,
    }


@contextmanager
def opened(
    conversation_id: int,
    *,
    now: datetime,
    own: Session | None = None,
    by: Attendee | None = None,
    touch: bool = False,
) -> Iterator[Books]:
    """Lock a conversation for a transaction and hand out its settled books.

    ``own`` is the session that acts, ``by`` the attendee who acts without one, or an operator
    (``participants.operator``). ``touch`` notes the
    conversation's activity in the locking statement. Raises ``NoSuchConversation`` if it is gone,
    and ``NotModerator`` if ``by`` was one and is no more. An error inside rolls everything back,
    and nothing is told.
    """
    with transactions.atomic():
        if not _lock(conversation_id, touched_at=now if touch else None):
            raise NoSuchConversation
        # Whoever waited for the lock acts after whoever held it.
        books = _read(conversation_id, now=max(now, clock.now()), own=own, by=by)
        books.settle()
        yield books
        events.emit(books.events, now=books.now)


@retried
def settle(conversation_id: int, *, now: datetime) -> list[signals.Event]:
    """Book what happened unseen in a conversation, if it still exists; return what that was."""
    with suppress(NoSuchConversation), opened(conversation_id, now=now) as books:
        return books.events
    return []


def _still_leads(leader: Attendee | None) -> None:
    """Refuse who was a moderator when the request came, and is none any more."""
    if leader is None or not leader.is_moderator:
        raise NotModerator


def _lock(conversation_id: int, *, touched_at: datetime | None) -> bool:
    if touched_at is None:
        return lock_conversation(conversation_id)
    return touch_conversation(conversation_id, touched_at)


def _read(
    conversation_id: int, *, now: datetime, own: Session | None, by: Attendee | None
) -> Books:
    """Read the locked state in one query: conversation, calls, own and stale sessions."""
    rows = statements.read_state(conversation_id, own=own, by=by, now=now)
    # Django sets no attribute for a joined relation without a row.
    sessions = [row.seat for row in rows if hasattr(row, "seat")]
    conversation = rows[0]
    seat = next((seat for seat in sessions if own and seat.pk == own.pk), None)
    if seat and seat.is_dead(now):
        seat = None
    call = getattr(conversation, "open_call", None)
    if by is not None and by.is_moderator:
        _still_leads(getattr(conversation, "leader", None))
    return Books(
        conversation=conversation,
        call=call,
        own=seat,
        by=seat.attendee if seat else by,
        others_live=conversation.others_live,
        resumes=conversation.just_ended,
        now=_not_before(now, *_close_to(now, call and call.started_at, conversation.just_ended_at)),
        _stale=[session for session in sessions if session.is_stale_in_call(now)],
    )
