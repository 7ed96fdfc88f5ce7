"""The numbers of the protocol (``constants.md``), as enumerations with readable names."""

from datetime import timedelta
from enum import IntFlag

from django.db import models


class ConversationType(models.IntegerChoices):
    """What kind of meeting place a conversation is (constants 1.1)."""

    ONE_TO_ONE = 1, "One-to-one"
    GROUP = 2, "Group"
    PUBLIC = 3, "Public"
    FORMER_ONE_TO_ONE = 5, "Former one-to-one"


class ReadOnly(models.IntegerChoices):
    """Whether a conversation is locked (constants 1.2)."""

    READ_WRITE = 0, "Read-write"
    READ_ONLY = 1, "Read-only"


class LobbyState(models.IntegerChoices):
    """Who has to wait outside (constants 1.3)."""

    NONE = 0, "No lobby"
    NON_MODERATORS = 1, "Lobby for non-moderators"


class Listable(models.IntegerChoices):
    """Who finds a conversation without an invitation (constants 1.4)."""

    PARTICIPANTS = 0, "Participants only"
    USERS = 1, "Regular users"
    EVERYONE = 2, "Every account"


class MentionPermissions(models.IntegerChoices):
    """Who may mention everybody at once in the chat (constants 1.9)."""

    EVERYONE = 0, "Everyone"
    MODERATORS = 1, "Moderators"


class ParticipantType(models.IntegerChoices):
    """The role of an attendee (constants 2.1)."""

    OWNER = 1, "Owner"
    MODERATOR = 2, "Moderator"
    USER = 3, "User"
    GUEST = 4, "Guest"
    USER_SELF_JOINED = 5, "User following a public link"
    GUEST_MODERATOR = 6, "Guest with moderator permissions"


class ActorType(models.TextChoices):
    """What an attendee is (constants 2.2)."""

    USERS = "users", "User"
    GUESTS = "guests", "Guest"
    EMAILS = "emails", "E-mail invitee"
    GROUPS = "groups", "Group"


class BanKind(models.TextChoices):
    """Whom a ban keeps out (behaviour 14)."""

    USERS = "users", "User"
    GUESTS = "guests", "Guest"
    EMAILS = "emails", "E-mail invitee"
    ADDRESSES = "ips", "Address"


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

    SET = "set"
    ADD = "add"
    REMOVE = "remove"


class NotificationLevel(models.IntegerChoices):
    """How loudly a conversation calls for attention (constants 2.4)."""

    ALWAYS = 1, "Always"
    MENTION = 2, "On mention"
    NEVER = 3, "Never"


class SessionState(models.IntegerChoices):
    """Whether somebody looks at a conversation that is open on their device (constants 2.8)."""

    INACTIVE = 0, "Inactive"
    ACTIVE = 1, "Active"


class RecordingConsent(models.IntegerChoices):
    """Whether joining a call needs the consent to be recorded (constants 3.2)."""

    NOT_NEEDED = 0, "Not needed"
    NEEDED = 1, "Needed"


class ConsentRule(models.TextChoices):
    """Values of ``TALK_CALLS["RECORDING_CONSENT"]``: who says whether consent is needed."""

    NO = "no", "Never needed"
    YES = "yes", "Always needed"
    OPTIONAL = "optional", "Moderators decide for each conversation"


class StartCalls(models.TextChoices):
    """Values of ``TALK_CALLS["START_CALLS"]``: who may start a call (constants 1.8)."""

    EVERYONE = "everyone", "Everyone"
    USERS = "users", "Users and moderators"
    MODERATORS = "moderators", "Moderators"
    NO_ONE = "no one", "No one"


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

    LEFT = "left", "Left the call"
    ROOM_LEFT = "room_left", "Left the conversation"
    REPLACED = "replaced", "Joined from elsewhere"
    TIMEOUT = "timeout", "Stopped pinging"
    REMOVED = "removed", "Removed from the conversation"
    LOBBY = "lobby", "Sent to the lobby"
    READ_ONLY = "read_only", "The conversation was locked"
    PERMISSION = "permission", "Lost the right to take part"
    ENDED_FOR_ALL = "ended_for_all", "The call was ended for everyone"
    CONVERSATION_DELETED = "conversation_deleted", "The conversation was deleted"
    MAX_DURATION = "max_duration", "The call reached its maximum duration"


class SessionEnd(models.TextChoices):
    """Why a session is gone, as its page is told."""

    LOGGED_OUT = "logged_out", "Logged out"
    LOGIN_EXPIRED = "login_expired", "The login expired"
    ACCOUNT_DISABLED = "account_disabled", "The account was deactivated or deleted"
    REPLACED = "replaced", "Joined from elsewhere"
    REMOVED = "removed", "Removed from the conversation"
    BANNED = "banned", "Banned from the conversation"
    DELETED = "deleted", "The conversation was deleted"
    TIMED_OUT = "timed_out", "Stopped pinging"
    LEFT = "left", "Left by itself, which is not told"


class SystemMessageKind(models.TextChoices):
    """What a system message says, by the names of the wire (behaviour 7.2)."""

    CALL_STARTED = "call_started", "Call started"
    CALL_JOINED = "call_joined", "Call joined"
    CALL_LEFT = "call_left", "Call left"
    CALL_ENDED = "call_ended", "Call ended"
    CALL_ENDED_EVERYONE = "call_ended_everyone", "Call ended for everyone"
    CALL_MISSED = "call_missed", "Call missed"
    CONVERSATION_CREATED = "conversation_created", "Conversation created"
    CONVERSATION_RENAMED = "conversation_renamed", "Conversation renamed"
    DESCRIPTION_SET = "description_set", "Description set"
    DESCRIPTION_REMOVED = "description_removed", "Description removed"
    PASSWORD_SET = "password_set", "Password set"
    PASSWORD_REMOVED = "password_removed", "Password removed"
    GUESTS_ALLOWED = "guests_allowed", "Guests allowed"
    GUESTS_DISALLOWED = "guests_disallowed", "Guests disallowed"
    READ_ONLY = "read_only", "Locked"
    READ_ONLY_OFF = "read_only_off", "Unlocked"
    LISTABLE_NONE = "listable_none", "Listed for participants only"
    LISTABLE_USERS = "listable_users", "Listed for regular users"
    LISTABLE_ALL = "listable_all", "Listed for every account"
    LOBBY_NONE = "lobby_none", "Lobby opened"
    LOBBY_NON_MODERATORS = "lobby_non_moderators", "Lobby for non-moderators"
    LOBBY_TIMER_REACHED = "lobby_timer_reached", "Lobby opened by its timer"
    USER_ADDED = "user_added", "User added"
    USER_REMOVED = "user_removed", "User removed"
    GROUP_ADDED = "group_added", "Group added"
    GROUP_REMOVED = "group_removed", "Group removed"
    MODERATOR_PROMOTED = "moderator_promoted", "Moderator promoted"
    MODERATOR_DEMOTED = "moderator_demoted", "Moderator demoted"
    GUEST_MODERATOR_PROMOTED = "guest_moderator_promoted", "Guest moderator promoted"
    GUEST_MODERATOR_DEMOTED = "guest_moderator_demoted", "Guest moderator demoted"


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
