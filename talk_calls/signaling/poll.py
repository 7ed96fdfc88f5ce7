"""One long poll: what a session gets as an answer, and when (behaviour 8.4)."""

import time
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import POLL_TIME
from talk_calls.host import user_model
from talk_calls.models import Attendee, Session, SignalingMessage
from talk_calls.ocs.json_types import JSONObject
from talk_calls.signaling import hub, mailbox, roster


class Outcome(Enum):
    """How a poll ends."""

    ANSWERED = "there are messages or changes, or the time is over"
    SESSION_GONE = "the session is gone, but its attendee is still in the conversation"
    ATTENDEE_GONE = "the attendee or the conversation is gone"
    ACCOUNT_CLOSED = "the account of the caller was deactivated"


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a poll: the messages as JSON texts, and who is in the conversation.

    ``users`` are the items of ``usersInRoom``. ``number`` is what the client acknowledges with its
    next poll; None if there is nothing to acknowledge.
    """

    outcome: Outcome
    messages: tuple[str, ...] = ()
    users: tuple[JSONObject, ...] = ()
    number: int | None = None


@dataclass(slots=True)
class Poll:
    """A session that waits for messages and changes.

    ``attendee`` is a primary key, ``user`` that of the caller's account or None for a guest,
    ``received`` the number of the last answer that the session has
    received, and ``deadline`` the time at which it gets an answer in any case. ``view`` is how the
    API version lists sessions.
    """

    waiter: hub.Waiter
    attendee: int
    received: int
    deadline: datetime
    view: roster.RosterView
    user: Any = None
    _deadline_tick: float = 0.0

    @classmethod
    def start(
        cls,
        session: Session,
        *,
        acknowledged: int | None,
        view: roster.RosterView,
        user: Any = None,
    ) -> "Poll":
        """Return a poll of a session, which is woken by changes from now on.

        ``acknowledged`` is the number of the last answer according to the client, or None if it
        sends none. The session's ping must have been stored. The caller removes the poll's
        ``waiter`` from the hub when it ends.
        """
        waiter = hub.Waiter(session.conversation_id, session.pk, session.seen_roster)
        hub.add(waiter)
        return cls(
            waiter=waiter,
            attendee=session.attendee_id,
            user=user,
            received=mailbox.acknowledged(session, acknowledged),
            deadline=session.last_ping + min(POLL_TIME, conf.session_timeout * 5 / 6),
            view=view,
        )

    def check(self, now: datetime) -> Answer | None:
        """Return the answer if it is time for one, else None; two queries if nothing changed.

        Later changes wake the poll again.
        """
        self.waiter.rearm()
        session = _find(self.waiter.session)
        if session is None or session.is_expired(now):
            return Answer(self._outcome_without_session())
        situation = _situation(session, now)
        self.deadline = _deadline(self.deadline, situation)
        self._deadline_tick = time.monotonic() + (self.deadline - now).total_seconds()
        messages = [] if self.waiter.superseded else self._messages(situation, session)
        self.waiter.roster = session.conversation.roster
        has_changes = self._has_changes(session, messages)
        if not has_changes and now < self.deadline and not self.waiter.superseded:
            return None
        return self._answer(situation, session, messages, has_changes=has_changes)

    def remaining(self) -> float:
        """Return for how many seconds the poll may still wait, as of its last check."""
        return self._deadline_tick - time.monotonic()

    def _messages(self, situation: policies.Situation, session: Session) -> list[SignalingMessage]:
        if policies.first_refusal(policies.SIGNAL, situation):
            mailbox.clear(session)
            return []
        return mailbox.undelivered(session, self.received, situation.now)

    def _has_changes(self, session: Session, messages: list[SignalingMessage]) -> bool:
        """Tell whether there are messages, or changes that the client has not received."""
        if self.waiter.superseded:
            return False
        is_repeated = self.received < session.answers
        return bool(messages) or is_repeated or session.seen_roster != session.conversation.roster

    def _answer(
        self,
        situation: policies.Situation,
        session: Session,
        messages: list[SignalingMessage],
        *,
        has_changes: bool,
    ) -> Answer:
        users = roster.users_in_room(situation, self.view)
        if has_changes:
            mailbox.mark_delivered(session, messages, self.waiter.roster)
        return Answer(
            Outcome.ANSWERED,
            messages=tuple(message.text for message in messages),
            users=tuple(users),
            number=session.answers if has_changes else None,
        )

    def _outcome_without_session(self) -> Outcome:
        if self._is_account_closed():
            return Outcome.ACCOUNT_CLOSED
        is_attendee = Attendee.objects.filter(pk=self.attendee).exists()
        return Outcome.SESSION_GONE if is_attendee else Outcome.ATTENDEE_GONE

    def _is_account_closed(self) -> bool:
        return self.user is not None and user_model.is_inactive(self.user)


def _find(session_pk: int) -> Session | None:
    sessions = Session.objects.select_related("attendee", "conversation")
    return policies.with_users(sessions, "attendee__user").filter(pk=session_pk).first()


def _situation(session: Session, now: datetime) -> policies.Situation:
    return policies.Situation(
        conversation=session.conversation,
        attendee=session.attendee,
        session=session,
        has_call=False,  # no rule of signaling reads it
        now=now,
    )


def _deadline(deadline: datetime, situation: policies.Situation) -> datetime:
    """Return when to answer in any case: at the latest when the caller's lobby opens."""
    opens_at = situation.conversation.lobby_timer
    if opens_at is None or policies.is_past_lobby(situation) is None:
        return deadline
    return min(deadline, opens_at)
