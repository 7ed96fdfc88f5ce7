"""One long poll: what a session is told, and when (talk-api.md 8.4)."""

import time
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import POLL_TIME
from talk_calls.models import Attendee, Session, SignalingMessage
from talk_calls.signaling import hub, mailbox, roster


class Ending(Enum):
    """How a poll may end."""

    NEWS = "there is something to tell, or the time is over"
    ELSEWHERE = "the session is gone, and its attendee still belongs here"
    GONE = "the conversation is gone, or the attendee belongs here no more"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a poll is told: the messages as JSON texts, and who is in the conversation.

    ``number`` is what the client acknowledges by asking again; None if it need not.
    """

    ending: Ending
    messages: tuple[str, ...] = ()
    users: tuple[dict[str, Any], ...] = ()
    number: int | None = None


@dataclass(slots=True)
class Poll:
    """A session that asks for news.

    ``got`` is the number of the last answer that it got, ``until`` when it is answered in any case.
    ``view`` says how its version lists users.
    """

    waiter: hub.Waiter
    attendee: int
    got: int
    until: datetime
    view: roster.RosterView
    _due: float = 0.0

    @classmethod
    def by(cls, session: Session, *, got: int | None, view: roster.RosterView) -> "Poll":
        """Return the poll of a session, which hears of news from now on.

        ``got`` is the number of the last answer as its client says, None if it says nothing. The
        session's ping must be stored by now.
        """
        waiter = hub.Waiter(session.conversation_id, session.pk, session.seen_roster)
        hub.add(waiter)
        return cls(
            waiter=waiter,
            attendee=session.attendee_id,
            got=mailbox.acknowledged(session, got),
            until=session.last_ping + min(POLL_TIME, conf.session_timeout * 5 / 6),
            view=view,
        )

    def look(self, now: datetime) -> Answer | None:
        """Return the answer if it is time for one, else None; two statements if there is no news.

        What happens from now on wakes the poll once more.
        """
        self.waiter.rearm()
        session = _find(self.waiter.session)
        if session is None or session.is_dead(now):
            return Answer(self._ending_without_session())
        situation = _situation(session, now)
        self.until = _until(self.until, situation)
        self._due = time.monotonic() + (self.until - now).total_seconds()
        messages = [] if self.waiter.superseded else self._messages(situation, session)
        self.waiter.roster = session.conversation.roster
        is_news = self._is_news(session, messages)
        if not is_news and now < self.until and not self.waiter.superseded:
            return None
        return self._answer(situation, session, messages, is_news=is_news)

    def seconds(self) -> float:
        """Return how long the poll may still wait, since it last looked; asks no database."""
        return self._due - time.monotonic()

    def _messages(self, situation: policies.Situation, session: Session) -> list[SignalingMessage]:
        if policies.first_refusal(policies.SIGNAL, situation):
            mailbox.empty(session)
            return []
        return mailbox.waiting_for(session, self.got, situation.now)

    def _is_news(self, session: Session, messages: list[SignalingMessage]) -> bool:
        """Tell whether there are messages, or the client has not seen this roster."""
        if self.waiter.superseded:
            return False
        lost = self.got < session.answers
        return bool(messages) or lost or session.seen_roster != session.conversation.roster

    def _answer(
        self,
        situation: policies.Situation,
        session: Session,
        messages: list[SignalingMessage],
        *,
        is_news: bool,
    ) -> Answer:
        users = roster.users_in_room(situation, self.view)
        if is_news:
            mailbox.delivered(session, messages, self.waiter.roster)
        return Answer(
            Ending.NEWS,
            messages=tuple(message.text for message in messages),
            users=tuple(users),
            number=session.answers if is_news else None,
        )

    def _ending_without_session(self) -> Ending:
        still_here = Attendee.objects.filter(pk=self.attendee).exists()
        return Ending.ELSEWHERE if still_here else Ending.GONE


def _find(session_pk: int) -> Session | None:
    sessions = Session.objects.select_related("attendee", "conversation")
    return sessions.filter(pk=session_pk).first()


def _situation(session: Session, now: datetime) -> policies.Situation:
    return policies.Situation(
        conversation=session.conversation,
        attendee=session.attendee,
        session=session,
        has_call=False,  # no rule of signaling asks for it
        now=now,
    )


def _until(until: datetime, situation: policies.Situation) -> datetime:
    """Return when to answer in any case: also when the lobby falls that the caller waits in."""
    falls = situation.conversation.lobby_timer
    if falls is None or policies.is_past_lobby(situation) is None:
        return until
    return min(until, falls)
