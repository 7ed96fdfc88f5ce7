"""The books of one locked conversation: who is in its call, and the record of that.

This is the only module that writes ``Session.in_call``, ``Call`` and ``CallLeg``. Whoever wants to
change who is in a call opens the books, which locks the conversation, reads the present state in
one query and first settles what happened unseen: sessions that stopped pinging left when their time
was up, not when somebody noticed.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import (
    Max,
)
from django.utils import timezone

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import InCallFlag, LegReason
from talk_calls.exceptions import NoSession, NoSuchConversation
from talk_calls.models import Call, CallLeg, Conversation, Session
from talk_calls.models.conversations import lock_conversation, touch_conversation
from talk_calls.services import statements


@dataclass
class Books:
    """The state of a locked conversation at ``now``.

    ``own`` is the session that acts, with its attendee, or None if it does not exist any more.
    ``others_live`` tells whether anybody else is in the call.
    """

    conversation: Conversation
    call: Call | None
    own: Session | None
    others_live: bool
    now: datetime
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
        """Return all sessions in call with their attendees; one query."""
        sessions = Session.objects.in_call().filter(conversation=self.conversation)
        return list(sessions.select_related("attendee"))

    def settle(self) -> None:
        """Book what happened unseen: timeouts, and the end of a call that ran out of people."""
        if self._stale:
            self._time_out(self._stale)
        own_live = self.own is not None and self.own.in_call != InCallFlag.DISCONNECTED
        if self.call and not own_live and not self.others_live:
            self._end_deserted(self.call)

    def admit(self, session: Session, flags: int) -> None:
        """Put ``session`` into the call with ``flags``, or replace its flags if it is in."""
        call_flags = policies.call_flags_of(self.conversation, session.attendee, flags)
        is_in = session.in_call != InCallFlag.DISCONNECTED and self.call is not None
        session.in_call = flags
        session.last_ping = self._counting_ping(session)
        statements.set_flags(session)
        call = self._open_or_widen(call_flags)
        if is_in:
            statements.widen_leg(session)
        else:
            self._start_leg(call, session, flags)

    def remove(self, sessions: Iterable[Session], reason: LegReason) -> None:
        """Take sessions out of the call; whoever is not in it is passed over."""
        gone = [session for session in sessions if session.in_call != InCallFlag.DISCONNECTED]
        if not gone:
            return
        statements.clear_flags(gone)
        statements.end_legs(gone, reason, self.now)
        if self.call and not self._anybody_but(gone):
            self._end(self.call, reason, self.now)

    def remove_those_who(
        self, refusal: Callable[[policies.Situation], policies.Refusal], reason: LegReason
    ) -> None:
        """Take everybody out of the call whom the rule now refuses (design: a lost right)."""
        self.remove(
            [
                session
                for session in self.in_call()
                if refusal(
                    policies.Situation(
                        self.conversation, session.attendee, session, self.has_call, self.now
                    )
                )
            ],
            reason,
        )

    def _counting_ping(self, session: Session) -> datetime:
        """Return the ping after a join: a session that no longer counted pings by joining.

        Joining is no ping otherwise (talk-api.md 3.4).
        """
        return self.now if session.vanishes_at < self.now else session.last_ping

    def _anybody_but(self, gone: list[Session]) -> bool:
        if self.own is not None and len(gone) == 1 and gone[0].pk == self.own.pk:
            return self.others_live
        live = Session.objects.live_in_call(self.now).filter(conversation=self.conversation)
        return live.exists()

    def _open_or_widen(self, flags: int) -> Call:
        if self.call is None:
            self.call = Call.objects.create(
                conversation=self.conversation,
                conversation_name=self.conversation.name,
                started_at=self.now,
                flags=flags,
            )
        elif self.call.flags | flags != self.call.flags:
            self.call.flags |= flags
            self.call.save(update_fields=["flags"])
        return self.call

    def _start_leg(self, call: Call, session: Session, flags: int) -> None:
        attendee = session.attendee
        user = attendee.user
        CallLeg.objects.create(
            call=call,
            session_key=session.key,
            actor_type=attendee.actor_type,
            actor_id=conf.directory.user_id(user)[:255] if user else attendee.actor_id,
            user=user,
            display_name=attendee.display_name,
            joined_at=self.now,
            flags=flags,
        )

    def _time_out(self, stale: list[Session]) -> None:
        left_at = {session.key: session.vanishes_at for session in stale}
        legs = list(CallLeg.objects.filter(session_key__in=list(left_at), left_at=None))
        for leg in legs:
            leg.left_at = max(leg.joined_at, left_at[leg.session_key])
            leg.reason = LegReason.TIMEOUT
        CallLeg.objects.bulk_update(legs, ["left_at", "reason"])
        statements.clear_flags(stale)

    def _end_deserted(self, call: Call) -> None:
        """End a call when its last leg ended; a leg whose session row is gone ends now."""
        call.legs.filter(left_at=None).update(
            left_at=statements.not_before("joined_at", self.now), reason=LegReason.REMOVED
        )
        last = call.legs.aggregate(left_at=Max("left_at"))["left_at"]
        self._end(call, LegReason.TIMEOUT, last or self.now)

    def _end(self, call: Call, reason: LegReason, when: datetime) -> None:
        statements.end_call(call, reason, when)
        self.call = None


@contextmanager
def opened(
    conversation_id: int, *, now: datetime, own: Session | None = None, touch: bool = False
) -> Iterator[Books]:
    """Lock a conversation for a transaction and hand out its settled books.

    ``touch`` notes the conversation's activity in the locking statement. Raises
    ``NoSuchConversation`` if it is gone. An error inside rolls everything back.
    """
    with transaction.atomic():
        if not _lock(conversation_id, touched_at=now if touch else None):
            raise NoSuchConversation
        # Whoever waited for the lock acts after whoever held it.
        books = _read(conversation_id, now=max(now, timezone.now()), own=own)
        books.settle()
        yield books


def _lock(conversation_id: int, *, touched_at: datetime | None) -> bool:
    if touched_at is None:
        return lock_conversation(conversation_id)
    return touch_conversation(conversation_id, touched_at)


def _read(conversation_id: int, *, now: datetime, own: Session | None) -> Books:
    """Read the locked state in one query: conversation, open call, own and stale sessions."""
    rows = statements.read_state(conversation_id, own=own, now=now)
    # Django sets no attribute for a joined relation without a row.
    sessions = [row.seat for row in rows if hasattr(row, "seat")]
    conversation = rows[0]
    return Books(
        conversation=conversation,
        call=getattr(conversation, "open_call", None),
        own=next((session for session in sessions if own and session.pk == own.pk), None),
        others_live=conversation.others_live,
        now=now,
        _stale=[session for session in sessions if session.is_stale_in_call(now)],
    )
