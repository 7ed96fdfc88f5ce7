"""What rules look at, and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from talk_calls import exceptions
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.policies.permissions import permissions_of


@dataclass(frozen=True, slots=True)
class Situation:
    """Where somebody acts, and as whom: all that a rule may look at.

    ``attendee`` is None for somebody who does not belong to the conversation, ``session`` for
    somebody who is not online in it. ``has_call`` counts only sessions that did not time out.
    ``consents`` is True if the request agrees to be recorded. ``lost_session`` is True if the
    session with which the caller joined is expired, where that makes the caller no participant
    until they join again (behaviour 3.3/2). ``is_banned`` is True for a stranger whom a ban keeps
    out; attendees are never banned, as whoever bans removes them.
    """

    conversation: Conversation
    attendee: Attendee | None
    session: Session | None
    has_call: bool
    now: datetime
    consents: bool = False
    lost_session: bool = False
    is_banned: bool = False

    @property
    def participant(self) -> Attendee | None:
        """Return the attendee, or None for one who has to join the conversation again."""
        return None if self.lost_session else self.attendee

    def require_attendee(self) -> Attendee:
        """Return the attendee; raises ``NotParticipant`` without one."""
        if self.attendee is None:
            raise exceptions.NotParticipant
        return self.attendee

    def require_session(self) -> Session:
        """Return the acting session; raises ``NoSession`` without one."""
        if self.session is None:
            raise exceptions.NoSession
        return self.session

    def may(self, permission: int) -> bool:
        """Tell whether the attendee, if there is one, has a permission."""
        if self.participant is None:
            return False
        return bool(permissions_of(self.conversation, self.participant) & permission)

    def of(self, session: Session) -> "Situation":
        """Return how another session stands in the same conversation."""
        return replace(self, attendee=session.attendee, session=session)


Refusal = exceptions.TalkError | None
Rule = Callable[[Situation], Refusal]
Rules = tuple[Rule, ...]
