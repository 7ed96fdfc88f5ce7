"""One long poll for new messages: what is the answer, and when."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from talk_calls import policies
from talk_calls.chat import history
from talk_calls.constants import POLL_TIME
from talk_calls.host import user_model
from talk_calls.models import SystemMessage
from talk_calls.policies import Situation
from talk_calls.signaling import hub

#: Polls of an attendee's clients that keep no session, in one process at a time. If there were only
#: one, several apps would end each other's polls for ever.
MOST_WITHOUT_SESSION = 5


@dataclass(slots=True)
class ChatPoll:
    """A participant who waits for messages after ``message_id``, ``most`` at a time.

    ``look_up`` returns the caller's situation as it is now, or raises ``NoSuchConversation``.
    ``user`` is the primary key of the caller's account or None for a guest, ``is_online`` tells
    whether the poll began with a session. ``deadline`` is when it is answered in any case, by the
    monotonic clock.

    A poll is no ping here: what a session in the call does in the chat must not keep it there.
    """

    waiter: hub.Waiter
    look_up: Callable[[], Situation]
    message_id: int
    most: int
    inclusive: bool
    user: Any
    is_online: bool
    deadline: float

    @classmethod
    def start(  # noqa: PLR0913 -- one keyword per parameter of the request
        cls,
        situation: Situation,
        *,
        look_up: Callable[[], Situation],
        keeps_session: bool,
        message_id: int,
        most: int,
        inclusive: bool,
        seconds: int,
    ) -> "ChatPoll":
        """Return a poll that is woken by messages from now on, and waits for ``seconds`` at most.

        ``keeps_session`` tells that the client is the one that opened the session of the situation,
        and not one without cookies that acts with the newest of its user. The caller removes the
        poll's ``waiter`` from the hub when it ends.
        """
        attendee, session = situation.require_attendee(), situation.session
        own = session if keeps_session else None
        waiter = hub.Waiter(
            situation.conversation.pk,
            session=None,
            roster=situation.conversation.roster,
            topic=hub.Topic.CHAT,
            owner=("session", own.pk) if own else ("attendee", attendee.pk),
            most=1 if own else MOST_WITHOUT_SESSION,
        )
        hub.add(waiter)
        return cls(
            waiter=waiter,
            look_up=look_up,
            message_id=message_id,
            most=most,
            inclusive=inclusive,
            user=attendee.user_id,
            is_online=session is not None,
            deadline=time.monotonic() + min(seconds, POLL_TIME.total_seconds()),
        )

    def messages(self, situation: Situation) -> list[SystemMessage]:
        """Return the messages that are there, oldest first; one query."""
        return history.after(
            situation.conversation, self.message_id, most=self.most, inclusive=self.inclusive
        )

    def check(self) -> list[SystemMessage] | None:
        """Return the messages if it is time to answer, else None; a query if nothing is new.

        Raises the refusal of a caller who may not read any more. Whose session or account is gone
        gets no messages, and learns why with the next request.
        """
        self.waiter.rearm()
        situation = self.look_up()
        policies.enforce(policies.READ_CHAT, situation)
        self.waiter.roster = situation.conversation.roster
        if self.waiter.superseded or (self.is_online and situation.session is None):
            return []
        newest = situation.conversation.newest_message
        is_new = newest is not None and newest.pk >= self.message_id + (not self.inclusive)
        messages = self.messages(situation) if is_new else []
        if messages:
            return [] if self._is_account_closed() else messages
        return [] if self.remaining() <= 0 else None

    def remaining(self) -> float:
        """Return for how many seconds the poll may still wait."""
        return self.deadline - time.monotonic()

    def _is_account_closed(self) -> bool:
        return self.user is not None and user_model.is_inactive(self.user)
