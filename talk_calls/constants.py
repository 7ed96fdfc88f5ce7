"""The numbers of the protocol (``constants.md``), as enumerations with readable names."""

from datetime import timedelta
from enum import IntFlag, StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConversationType(models.IntegerChoices):
    """What kind of meeting place a conversation is (constants 1.1)."""

    ONE_TO_ONE = 1, _("One-to-one")
    GROUP = 2, _("Group")
    PUBLIC = 3, _("Public")
    FORMER_ONE_TO_ONE = 5, _("Former one-to-one")


class ReadOnly(models.IntegerChoices):
    """Whether a conversation is locked (constants 1.2)."""

    READ_WRITE = 0, _("Read-write")
    READ_ONLY = 1, _("Read-only")


class LobbyState(models.IntegerChoices):
    """Who has to wait outside (constants 1.3)."""

    NONE = 0, _("No lobby")
    NON_MODERATORS = 1, _("Lobby for non-moderators")


class Listable(models.IntegerChoices):
    """Who finds a conversation without an invitation (constants 1.4)."""

    PARTICIPANTS = 0, _("Participants only")
    USERS = 1, _("Regular users")
    EVERYONE = 2, _("Every account")


class MentionPermissions(models.IntegerChoices):
    """Who may mention everybody at once in the chat (constants 1.9)."""

    EVERYONE = 0, _("Everyone")
    MODERATORS = 1, _("Moderators")


class ParticipantType(models.IntegerChoices):
    """The role of an attendee (constants 2.1)."""

    OWNER = 1, _("Owner")
    MODERATOR = 2, _("Moderator")
    USER = 3, _("User")
    GUEST = 4, _("Guest")
    USER_SELF_JOINED = 5, _("User following a public link")
    GUEST_MODERATOR = 6, _("Guest with moderator permissions")


class ActorType(models.TextChoices):
    """What an attendee is (constants 2.2)."""

    USERS = "users", _("User")
    GUESTS = "guests", _("Guest")
    EMAILS = "emails", _("E-mail invitee")
    GROUPS = "groups", _("Group")


#: How the ids begin that history has in place of the user ids of erased accounts; no client sees
#: them. The rest is random, and the same for all that an account left.
ERASED_ID_PREFIX = "deleted_user/"


class BanKind(models.TextChoices):
    """Whom a ban keeps out (behaviour 14)."""

    USERS = "users", _("User")
    GUESTS = "guests", _("Guest")
    EMAILS = "emails", _("E-mail invitee")
    ADDRESSES = "ips", _("Address")


class InCallFlag:
    """The bit field that says how a session takes part in a call (constants 2.3)."""

    DISCONNECTED = 0
    IN_CALL = 1
    WITH_AUDIO = 2
    WITH_VIDEO = 4
    WITH_PHONE = 8

    DEFAULT = IN_CALL | WITH_AUDIO | WITH_VIDEO
    ALL = IN_CALL | WITH_AUDIO | WITH_VIDEO | WITH_PHONE


class Permission:
    """The bit field of what an attendee may do in calls (constants 2.7)."""

    DEFAULT = 0  # take the next level
    CUSTOM = 1  # set with the others, to distinguish "nothing at all" from "default"
    START_CALL = 2
    JOIN_CALL = 4  # declared by the protocol, and asked by no endpoint
    IGNORE_LOBBY = 8
    PUBLISH_AUDIO = 16
    PUBLISH_VIDEO = 32
    PUBLISH_SCREEN = 64
    CHAT = 128
    REACT = 256

    MAX_DEFAULT = 510
    MAX_CUSTOM = 511

    #: Permissions where no level sets any: everything except passing the lobby.
    UNRESTRICTED = MAX_DEFAULT & ~IGNORE_LOBBY


class PermissionChange(models.TextChoices):
    """How given permissions change those that somebody has (constants 2.7)."""

    SET = "set", _("Set")
    ADD = "add", _("Add")
    REMOVE = "remove", _("Remove")


class NotificationLevel(models.IntegerChoices):
    """How loudly a conversation calls for attention (constants 2.4)."""

    ALWAYS = 1, _("Always")
    MENTION = 2, _("On mention")
    NEVER = 3, _("Never")


class SessionState(models.IntegerChoices):
    """Whether somebody looks at a conversation that is open on their device (constants 2.8)."""

    INACTIVE = 0, _("Inactive")
    ACTIVE = 1, _("Active")


class RecordingConsent(models.IntegerChoices):
    """Whether joining a call needs the consent to be recorded (constants 3.2)."""

    NOT_NEEDED = 0, _("Not needed")
    NEEDED = 1, _("Needed")


class ConsentRule(models.TextChoices):
    """Values of ``TALK_CALLS["RECORDING_CONSENT"]``: who says whether consent is needed."""

    NO = "no", _("Never needed")
    YES = "yes", _("Always needed")
    OPTIONAL = "optional", _("Moderators decide for each conversation")


class StartCalls(models.TextChoices):
    """Values of ``TALK_CALLS["START_CALLS"]``: who may start a call (constants 1.8)."""

    EVERYONE = "everyone", _("Everyone")
    USERS = "users", _("Users and moderators")
    MODERATORS = "moderators", _("Moderators")
    NO_ONE = "no one", _("No one")


class Allow(IntFlag):
    """What moderators may do in a linked conversation, although its host object decides it.

    ``OUTSIDERS`` lets them invite users and e-mail addresses beside the members of the object,
    ``PUBLIC`` open it to everybody with the link or list it, ``RENAME`` change name and
    description, ``DELETE`` delete it. An e-mail invitation takes ``PUBLIC`` too.
    """

    NOTHING = 0
    OUTSIDERS = 1
    PUBLIC = 2
    RENAME = 4
    DELETE = 8


class LegReason(models.TextChoices):
    """Why a stretch of a session inside a call ended."""

    LEFT = "left", _("Left the call")
    ROOM_LEFT = "room_left", _("Left the conversation")
    REPLACED = "replaced", _("Joined from elsewhere")
    TIMEOUT = "timeout", _("Stopped pinging")
    REMOVED = "removed", _("Removed from the conversation")
    LOBBY = "lobby", _("Sent to the lobby")
    READ_ONLY = "read_only", _("The conversation was locked")
    PERMISSION = "permission", _("Lost the right to take part")
    ENDED_FOR_ALL = "ended_for_all", _("The call was ended for everyone")
    CONVERSATION_DELETED = "conversation_deleted", _("The conversation was deleted")
    MAX_DURATION = "max_duration", _("The call reached its maximum duration")


class SessionEnd(models.TextChoices):
    """Why a session is gone, as its page is told."""

    LOGGED_OUT = "logged_out", _("Logged out")
    LOGIN_EXPIRED = "login_expired", _("The login expired")
    ACCOUNT_DISABLED = "account_disabled", _("The account was deactivated or deleted")
    REPLACED = "replaced", _("Joined from elsewhere")
    REMOVED = "removed", _("Removed from the conversation")
    BANNED = "banned", _("Banned from the conversation")
    DELETED = "deleted", _("The conversation was deleted")
    TIMED_OUT = "timed_out", _("Stopped pinging")
    LEFT = "left", _("Left by itself, which is not told")


class SystemMessageKind(models.TextChoices):
    """What a system message says, by the names of the wire (behaviour 7.2)."""

    CALL_STARTED = "call_started", _("Call started")
    CALL_JOINED = "call_joined", _("Call joined")
    CALL_LEFT = "call_left", _("Call left")
    CALL_ENDED = "call_ended", _("Call ended")
    CALL_ENDED_EVERYONE = "call_ended_everyone", _("Call ended for everyone")
    CALL_MISSED = "call_missed", _("Call missed")
    CONVERSATION_CREATED = "conversation_created", _("Conversation created")
    CONVERSATION_RENAMED = "conversation_renamed", _("Conversation renamed")
    DESCRIPTION_SET = "description_set", _("Description set")
    DESCRIPTION_REMOVED = "description_removed", _("Description removed")
    PASSWORD_SET = "password_set", _("Password set")
    PASSWORD_REMOVED = "password_removed", _("Password removed")
    GUESTS_ALLOWED = "guests_allowed", _("Guests allowed")
    GUESTS_DISALLOWED = "guests_disallowed", _("Guests disallowed")
    READ_ONLY = "read_only", _("Locked")
    READ_ONLY_OFF = "read_only_off", _("Unlocked")
    LISTABLE_NONE = "listable_none", _("Listed for participants only")
    LISTABLE_USERS = "listable_users", _("Listed for regular users")
    LISTABLE_ALL = "listable_all", _("Listed for every account")
    LOBBY_NONE = "lobby_none", _("Lobby opened")
    LOBBY_NON_MODERATORS = "lobby_non_moderators", _("Lobby for non-moderators")
    LOBBY_TIMER_REACHED = "lobby_timer_reached", _("Lobby opened by its timer")
    USER_ADDED = "user_added", _("User added")
    USER_REMOVED = "user_removed", _("User removed")
    GROUP_ADDED = "group_added", _("Group added")
    GROUP_REMOVED = "group_removed", _("Group removed")
    MODERATOR_PROMOTED = "moderator_promoted", _("Moderator promoted")
    MODERATOR_DEMOTED = "moderator_demoted", _("Moderator demoted")
    GUEST_MODERATOR_PROMOTED = "guest_moderator_promoted", _("Guest moderator promoted")
    GUEST_MODERATOR_DEMOTED = "guest_moderator_demoted", _("Guest moderator demoted")


class EventType(StrEnum):
    """What an event of the outbox tells, by the names that receivers of webhooks know."""

    CALL_STARTED = "call.started"
    CALL_ENDED = "call.ended"
    CALL_MISSED = "call.missed"
    CALL_RANG = "call.rang"
    CALL_JOINED = "call.joined"
    CALL_LEFT = "call.left"
    CALL_FLAGS_CHANGED = "call.flags_changed"
    SESSION_OPENED = "session.opened"
    SESSION_CLOSED = "session.closed"
    CONVERSATION_CREATED = "conversation.created"
    CONVERSATION_CHANGED = "conversation.changed"
    CONVERSATION_DELETED = "conversation.deleted"
    MODERATION = "moderation"


#: Reactions that clients offer in a call.
REACTIONS = ("👍", "❤️", "😂", "👏", "🎉", "😲")

#: Roles that may moderate; guest moderators only where no login is needed.
MODERATOR_TYPES = frozenset(
    {ParticipantType.OWNER, ParticipantType.MODERATOR, ParticipantType.GUEST_MODERATOR}
)

#: What a conversation can be created as.
CREATED_TYPES = (ConversationType.ONE_TO_ONE, ConversationType.GROUP, ConversationType.PUBLIC)

#: Conversations of two users, who may do nothing to them but leave.
ONE_TO_ONE_TYPES = frozenset({ConversationType.ONE_TO_ONE, ConversationType.FORMER_ONE_TO_ONE})

#: What promoting and demoting makes of a role (behaviour 7.2); other roles can be neither.
PROMOTED = {
    ParticipantType.USER: ParticipantType.MODERATOR,
    ParticipantType.USER_SELF_JOINED: ParticipantType.MODERATOR,
    ParticipantType.GUEST: ParticipantType.GUEST_MODERATOR,
}
DEMOTED = {
    ParticipantType.MODERATOR: ParticipantType.USER,
    ParticipantType.GUEST_MODERATOR: ParticipantType.GUEST,
}

#: Length of a generated session id in characters (contract: "512 character long string").
SESSION_ID_LENGTH = 512

#: What the wire shows where there is no session (behaviour 3.2).
NO_SESSION_ID = "0"

#: Shape of a conversation token in a route (constants 1.7).
TOKEN_PATTERN = "[a-z0-9]{4,30}"

#: Words that are routes and so can never be tokens (behaviour 8).
RESERVED_TOKENS = frozenset({"settings", "backend"})

#: Characters a conversation name may have.
NAME_MAX_LENGTH = 255

#: Bytes a conversation name may have on creation in v1 to v3 (constants 1.7).
NAME_MAX_BYTES = 255

#: Bytes a conversation's new name may have in v1 to v3, fewer than at its creation (constants 1.7).
RENAME_MAX_BYTES = 200

#: Object types that stand for features that this app does not have (constants 1.6).
RESERVED_OBJECT_TYPES = frozenset({"file", "share:password", "room", "phone"})

#: Characters of the label of a model ("app.model"); Django allows 100 for each of both names.
MODEL_LABEL_MAX_LENGTH = 201

#: Bytes that the type and the id of an object may have each (constants 1.7).
OBJECT_MAX_BYTES = 64

#: Minimum time between two mails to one address.
MAIL_INTERVAL = timedelta(minutes=10)

#: E-mail addresses that one conversation invites at most.
MOST_INVITEES = 100

#: Characters of an e-mail address (RFC 5321).
EMAIL_MAX_LENGTH = 254

#: Bans of one conversation.
MOST_BANS = 1000

#: Characters of what moderators note about a ban for each other.
BAN_NOTE_MAX_LENGTH = 4000

#: Characters of what somebody who is banned reads.
SHOWN_NOTE_MAX_LENGTH = 1000

#: Characters of a description (constants 1.7).
DESCRIPTION_MAX_LENGTH = 2000

#: The same where clients of before Talk 21 set one.
DESCRIPTION_MAX_LENGTH_BEFORE_V4 = 500

#: Seconds after which messages can be set to expire: what a column for positive numbers holds.
EXPIRATION_MAX = 2**31 - 1

#: Characters of a guest's name.
DISPLAY_NAME_MAX_LENGTH = 255

#: Characters of an actor's id.
ACTOR_ID_MAX_LENGTH = 255

#: Names of users in one parameter.
MOST_NAMES = 1000

#: Groups with which a conversation is created; each costs some statements.
MOST_GROUPS = 20

#: Characters of a conversation's password.
PASSWORD_MAX_LENGTH = 1000

#: Characters of a term to search for; SQLite takes no pattern of more than 50,000 bytes.
SEARCH_MAX_LENGTH = 255

#: What a search for people looks into, by the numbers that clients send.
SEARCH_SOURCES = {0: "users", 1: "groups", 4: "emails"}

#: Numbers of sources in one search; there are a dozen.
MOST_SOURCES = 50

#: Results of a search for people: at most, of each source.
MOST_RESULTS = 50

#: A call that starts this soon after the last one resumes it: somebody reloaded the page.
RESUMED_WITHIN = timedelta(seconds=10)

#: How long a device rings: before that, a device cannot ring the same user again.
RING_INTERVAL = timedelta(seconds=10)

#: Devices of one attendee beside the newest; of more, the oldest that are in no call are closed.
MOST_OTHER_DEVICES = 9

#: Devices of one attendee in the call; of more, the oldest are closed when another one comes.
MOST_DEVICES_IN_CALL = 50

#: A ping that is stored this recently is not stored again.
PING_INTERVAL = timedelta(seconds=10)

#: How long a signaling message lies in a mailbox (constants 3.3).
MESSAGE_LIFE = timedelta(seconds=300)

#: Signaling messages that one request may send.
MOST_MESSAGES = 1000

#: Characters of one signaling message; a description of many streams is some 20,000 long.
MESSAGE_MAX_LENGTH = 128 * 1024

#: Lists and objects in each other within a signaling message; clients send three or four.
MESSAGE_MAX_DEPTH = 64

#: Mailboxes with more in them than one sender may have there, to which one request may send.
MOST_CROWDED_MAILBOXES = 5

#: Bytes that the messages of one answer to a poll take; with who is there it is some 1 MiB.
ANSWER_MAX_BYTES = 960 * 1024

#: Answers that a session may leave unacknowledged; after more the client counts as one that never
#: acknowledges.
MOST_LOST_ANSWERS = 4

#: How long a poll waits after the ping that its request stored. A session times out 5 seconds
#: later, so that is how long a client may take to ask again.
POLL_TIME = timedelta(seconds=25)

#: Messages of the chat that one answer has at most.
MOST_MESSAGES_READ = 200

#: How long signaling v3 shows a session after its last ping (constants 3.3).
ROSTER_WINDOW = timedelta(seconds=40)

#: Characters of the digest of a browser's window.
WINDOW_LENGTH = 32

#: Characters of the digest of a guest's browser.
BROWSER_LENGTH = 32

#: How long it is kept why a session ended: a laptop may sleep over night.
ENDED_SESSION_LIFE = timedelta(days=1)

#: How far apart the clocks of servers may be that follow the same database.
CLOCK_TOLERANCE = timedelta(seconds=1)
