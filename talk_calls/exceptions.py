"""The domain's refusals: each has a ``code`` for programs and a ``message`` for people.

They know no HTTP; ``api/errors.py`` gives each its status.
"""

from django.utils import translation
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class TalkError(Exception):
    """Base of all refusals.

    ``message`` is the sentence that admin and commands show to operators, in their language.
    ``client_message`` is the text that API clients receive as ``meta.message``: empty for most
    refusals, whose code or status says enough, and in English unless people read it.
    """

    code = "error"
    message: str | Promise = ""
    client_message: str | Promise = ""


def untranslated(message: str | Promise) -> str:
    """Return a message in English, for programs and for the documents that describe them."""
    with translation.override(None):
        return str(message)


class NoSuchConversation(TalkError):
    """The conversation does not exist, or the actor may not know that it does."""

    code = "no-conversation"
    message = _("The conversation does not exist, or the actor may not know that it does.")


class NotParticipant(NoSuchConversation):
    """The actor may see the conversation but is no attendee.

    Clients cannot tell this from ``NoSuchConversation``: status and code are the same.
    """

    message = _("The actor is not an attendee of the conversation.")


class Banned(TalkError):
    """A moderator banned the actor from the conversation (behaviour 14)."""

    code = "ban"
    message = _("A moderator banned the actor from the conversation.")


class InviteeBanned(TalkError):
    """Whoever is banned is not invited before the ban is lifted."""

    code = "ban"
    message = _("They are banned from the conversation. Lift the ban first.")
    client_message = "They are banned from the conversation"


class NotBannable(TalkError):
    """There is no such user, guest or address that the actor can ban (behaviour 14)."""

    code = "bannedActor"
    message = _("There is nobody to ban by this name, or no address of the internet.")


class BanNoteTooLong(TalkError):
    """A note about a ban is too long (behaviour 14)."""

    code = "internalNote"
    message = _("The note is too long.")


class ModeratorStays(NotBannable):
    """Moderators are demoted before they are banned (behaviour 14)."""

    code = "moderator"
    message = _("They moderate the conversation. Take that back first.")


class NoBansHere(NotBannable):
    """Nobody is banned from a one-to-one conversation (behaviour 14)."""

    code = "room"
    message = _("Nobody is banned from a one-to-one conversation.")


class NotBannableOneself(NotBannable):
    """Nobody bans themselves, nor the address that they come from (behaviour 14)."""

    code = "self"
    message = _("Nobody bans themselves, nor the address that they come from.")


class TooManyBans(NotBannable):
    """As many are banned from the conversation as it can take."""

    code = "limit"
    message = _("So many are banned that nobody else can be. Lift other bans first.")
    client_message = "Too many bans"


class NoSession(TalkError):
    """The actor has no session in the conversation."""

    code = "no-session"
    message = _("The actor has not joined the conversation.")


class NotInCall(TalkError):
    """The session whose flags are to change is not in the call (behaviour 5)."""

    code = "in-call"
    message = _("The session is not in the call.")


class ConsentNeeded(TalkError):
    """Joining this call requires consent to being recorded (behaviour 5)."""

    code = "consent"
    message = _("Joining this call requires consent to being recorded.")


class ConsentNotOffered(TalkError):
    """The site's setting about consent leaves moderators no choice (constants 3.2)."""

    code = "config"
    message = _("The site decides about consent to recording; moderators cannot change it.")


class CallRunning(TalkError):
    """The setting about consent is fixed while a call runs (behaviour 5)."""

    code = "call"
    message = _("Consent to recording cannot be changed while a call is running.")


class NoCall(TalkError):
    """The conversation has no call (behaviour 5)."""

    code = "in-call"
    message = _("Nobody is in a call here.")


class NotRingable(TalkError):
    """Only a user who is not in the call can be rung (behaviour 5)."""

    code = "target"
    message = _("Only users who are not in the call can be rung.")


class NothingToWrite(TalkError):
    """Nobody writes to the chat: it only shows what happened (behaviour 14)."""

    code = "chat"
    message = _("Nobody can write here: the chat only shows what happened.")
    client_message = message


class NotPromotable(TalkError):
    """The attendee's role cannot be raised or lowered that way (behaviour 7.2)."""

    code = "role"
    message = _("The attendee's role cannot be changed that way.")


class NotOneself(TalkError):
    """Moderators do not change their own role or permissions (behaviour 7.2)."""

    code = "self"
    message = _("Moderators cannot change their own role or permissions.")


class ModeratorMayEverything(TalkError):
    """Moderators have no permissions of their own (behaviour 14/moderator-permissions)."""

    code = "moderator"
    message = _("Moderators may do everything.")


class OwnerStays(TalkError):
    """The owner cannot be removed (behaviour 7.2)."""

    code = "owner"
    message = _("The owner cannot be removed.")


class LastModerator(TalkError):
    """The last moderator cannot leave while other users stay (behaviour 7.2)."""

    code = "last-moderator"
    message = _("The last moderator cannot leave while other users stay.")


class TalkNotAllowed(TalkError):
    """The site's directory does not let this user use Talk (behaviour 4.1/3)."""

    code = "not-allowed"
    message = _("The site does not let this user use Talk.")


class ConversationReadOnly(TalkError):
    """The conversation is locked, for moderators too (behaviour 4.1/6)."""

    code = "read-only"
    message = _("The conversation is locked; moderators are not exempt.")


class LobbyActive(TalkError):
    """The lobby is up and the actor is no moderator (behaviour 4.1/7)."""

    code = "lobby"
    message = _("The lobby is up and the actor is no moderator.")


class MayNotStartCall(TalkError):
    """No call is running and the actor may not start one (behaviour 4.1/10)."""

    code = "start-call"
    message = _("No call is running and the actor may not start one.")
    client_message = "Can not start a call"


class CallsDisabled(TalkError):
    """The setting ``START_CALLS`` is "no one" (constants 1.8)."""

    code = "calls-disabled"
    message = _('The site offers no calls: START_CALLS is "no one".')


class NotModerator(TalkError):
    """The action needs a moderator."""

    code = "not-moderator"
    message = _("The action needs a moderator.")


class ManagedByHost(TalkError):
    """An object of the host decides that for its conversation, and its link does not allow it."""

    code = "managed"
    message = _("That comes from the object of the site to which the conversation is linked.")


class NotGuest(TalkError):
    """Only guests can change their name."""

    code = "not-guest"
    message = _("Only guests can change their name.")


class NotPublic(TalkError):
    """Only public conversations have a password."""

    code = "not-public"
    message = _("Only public conversations have a password.")


class GuestsNotAllowed(TalkError):
    """Guests who are no moderators may not see this."""

    code = "guests-not-allowed"
    message = _("Guests who are no moderators may not see this.")


class WrongPassword(TalkError):
    """The conversation's password is missing or wrong."""

    code = "password"
    message = _("The conversation's password is missing or wrong.")


class PasswordNeeded(TalkError):
    """The site opens no conversation to the public without a password (``FORCE_PASSWORDS``)."""

    code = "password"
    message = _("A public conversation needs a password here.")
    client_message = "A public conversation needs a password here."


class ConversationFull(TalkError):
    """No more people may come to the conversation or be invited (``MAX_PARTICIPANTS``)."""

    code = "full"
    message = _("As many people belong to the conversation as the site allows.")
    client_message = "The conversation is full"


class MayNotCreate(TalkError):
    """The site does not let the actor create conversations of this type (behaviour 6.2)."""

    code = "create"
    message = _("The site does not let the actor create such a conversation.")


class MayNotMakePublic(TalkError):
    """The site does not let the actor open the conversation."""

    code = "public"
    message = _("The site does not let the actor open the conversation to the public.")


class MayNotMakeListable(TalkError):
    """The site does not let the actor list the conversation."""

    code = "listable"
    message = _("The site does not let the actor list the conversation.")


class MayNotInvite(TalkError):
    """The site does not let the actor invite this user, group or address."""

    code = "invite"
    message = _("The site does not let the actor invite them.")


class MayNotBeInvited(TalkError):
    """The site does not let this user be invited by the actor."""

    code = "invitee"
    message = _("The site does not let them be invited by the actor.")


class SiteRefusesCall(MayNotStartCall):
    """The site does not let the actor start a call here; for clients as ``MayNotStartCall``."""

    message = _("The site does not let the actor start a call here.")


class SiteRefusesModerator(NotPromotable):
    """The site does not let the attendee moderate; for clients as ``NotPromotable``."""

    message = _("The site does not let them moderate.")


class InvalidValue(TalkError):
    """The conversation cannot take a value; ``message`` says which and why.

    ``places`` fill what stands in braces in the message. Clients receive the same sentence in
    English, whatever the active language is.
    """

    code = "value"
    message: str | Promise = _("The conversation cannot take this value.")

    def __init__(self, message: str | Promise, **places: object) -> None:
        super().__init__(message)
        self.message = message
        if places:
            self.message = format_lazy(message, **places)  # type: ignore[arg-type] # a str's Promise
        self.client_message = untranslated(self.message)


class InvalidSetting(InvalidValue):
    """A new conversation cannot have one of the settings that it was to have at once.

    ``code`` names the setting, as one of ``codes`` (behaviour 6.2).
    """

    code = "name"
    message = _("A new conversation cannot have this setting.")
    codes = (
        "type",
        "name",
        "invite",
        "object-type",
        "object-id",
        "object",
        "description",
        "password",
        "read-only",
        "listable",
        "lobby",
        "lobby-timer",
        "sip-enabled",
        "permissions",
        "recording-consent",
        "mention-permissions",
        "message-expiration",
        "participants",
    )

    def __init__(self, message: str | Promise, *, code: str, **places: object) -> None:
        super().__init__(message, **places)
        self.code = code


class NoSuchTarget(TalkError):
    """The user, group, attendee or session acted on does not exist."""

    code = "no-target"
    message = _("The user, group, attendee or session acted on does not exist.")


class MailboxFull(TalkError):
    """Too many signaling messages wait for one recipient."""

    code = "mailbox"
    message = _("Too many signaling messages wait for one recipient.")


class ServerBusy(TalkError):
    """So many passwords are hashed right now that this one was not; nothing changed."""

    code = "busy"
    message = _("Too many passwords are verified right now. Try again in a few seconds.")


class CannotInviteOneself(TalkError):
    """A one-to-one conversation needs two people."""

    code = "oneself"
    message = _("A one-to-one conversation needs two people.")


class SessionConflict(TalkError):
    """Another device of the attendee is in the call (behaviour 6.4/3).

    ``session_id``, ``in_call`` (flags) and ``last_ping`` (Unix seconds) describe it.
    """

    code = "conflict"
    message = _("Another device of the attendee is in the call.")

    def __init__(self, *, session_id: str, in_call: int, last_ping: int) -> None:
        super().__init__(session_id)
        self.session_id = session_id
        self.in_call = in_call
        self.last_ping = last_ping
