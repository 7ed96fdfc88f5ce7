"""Domain errors: each states a fact and carries a machine-readable ``code``.

They know no HTTP; ``api/errors.py`` is the one table that gives them a status.
"""


class TalkError(Exception):
    """Base of all domain errors.

    ``message`` is a sentence for people, or empty where clients know the code alone.
    """

    code = "error"
    message = ""

    def in_words(self) -> str:
        """Return a sentence for operators: the message, else the fact that the class states."""
        stated = (type(self).__doc__ or self.code).partition("\n")[0].partition(" (")[0]
        return self.message or f"{stated.rstrip('.')}."


class NoSuchConversation(TalkError):
    """The conversation does not exist, or the actor may not know that it does."""

    code = "no-conversation"


class NotParticipant(NoSuchConversation):
    """The actor sees the conversation but is no attendee; told as if it did not exist."""


class NoSession(TalkError):
    """The actor did not join the conversation before."""

    code = "no-session"


class NotInCall(TalkError):
    """The session is not in the call whose flags it changes (behaviour 5)."""

    code = "in-call"


class ConsentNeeded(TalkError):
    """Joining this call takes the consent to be recorded (behaviour 5)."""

    code = "consent"


class ConsentNotOffered(TalkError):
    """The site decides about consent itself and leaves nothing to moderators (constants 3.2)."""

    code = "config"


class CallRunning(TalkError):
    """Those in the call agreed to its terms; they cannot be changed now (behaviour 5)."""

    code = "call"


class NoCall(TalkError):
    """Nobody is in a call here (behaviour 5)."""

    code = "in-call"


class NotRingable(TalkError):
    """Who is no user cannot be rung, and who is in the call need not be (behaviour 5)."""

    code = "target"


class NotPromotable(TalkError):
    """The role can be neither raised nor lowered that way (behaviour 7.2)."""

    code = "role"


class NotOneself(TalkError):
    """Moderators do not change their own role or permissions (behaviour 7.2)."""

    code = "self"


class OwnerStays(TalkError):
    """Nobody removes the owner (behaviour 7.2)."""

    code = "owner"


class LastModerator(TalkError):
    """The only moderator cannot go while other users stay (behaviour 7.2)."""

    code = "last-moderator"


class TalkNotAllowed(TalkError):
    """The site does not let this user use Talk (behaviour 4.1/3)."""

    code = "not-allowed"


class ConversationReadOnly(TalkError):
    """The conversation is locked; moderators are not exempt (behaviour 4.1/6)."""

    code = "read-only"


class LobbyActive(TalkError):
    """The lobby is up and the actor is no moderator (behaviour 4.1/7)."""

    code = "lobby"


class MayNotStartCall(TalkError):
    """No call is running and the actor may not start one (behaviour 4.1/10)."""

    code = "start-call"
    message = "Can not start a call"


class CallsDisabled(TalkError):
    """``START_CALLS`` is "no one": the site offers no calls (constants 1.8)."""

    code = "calls-disabled"


class NotModerator(TalkError):
    """The action needs a moderator."""

    code = "not-moderator"


class NotGuest(TalkError):
    """Only a guest has a name of their own to change."""

    code = "not-guest"


class NotPublic(TalkError):
    """Only public conversations have a password."""

    code = "not-public"


class GuestsNotAllowed(TalkError):
    """Plain guests may not see this."""

    code = "guests-not-allowed"


class WrongPassword(TalkError):
    """The conversation's password is missing or wrong."""

    code = "password"


class InvalidValue(TalkError):
    """A value that the conversation cannot take; ``message`` names it."""

    code = "value"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NoSuchTarget(TalkError):
    """The user, group, attendee or session acted on does not exist."""

    code = "no-target"


class MailboxFull(TalkError):
    """Too many signaling messages wait for one recipient; they were sent faster than read."""

    code = "mailbox"


class CannotInviteOneself(TalkError):
    """A one-to-one conversation needs two people."""

    code = "oneself"


class SessionConflict(TalkError):
    """Another device of the attendee is in the call (behaviour 6.4/3).

    ``session_id``, ``in_call`` (flags) and ``last_ping`` (Unix seconds) describe it.
    """

    code = "conflict"

    def __init__(self, *, session_id: str, in_call: int, last_ping: int) -> None:
        super().__init__(session_id)
        self.session_id = session_id
        self.in_call = in_call
        self.last_ping = last_ping
