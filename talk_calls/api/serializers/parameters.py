"""What requests may say, with the defaults of the protocol."""

from typing import Any, ClassVar

from rest_framework import serializers

from talk_calls.api.serializers.fields import (
    EnumField,
    MessagesField,
    MomentField,
    NamesField,
    SourcesField,
)
from talk_calls.api.serializers.types import IN_CALL_BITS, PERMISSION_BITS
from talk_calls.constants import (
    DISPLAY_NAME_MAX_LENGTH,
    MOST_MESSAGES_READ,
    MOST_RESULTS,
    PASSWORD_MAX_LENGTH,
    SEARCH_MAX_LENGTH,
    InCallFlag,
    NotificationLevel,
    PermissionChange,
    SessionState,
)
from talk_calls.ocs.fields import BooleanField, ChoiceField, IntegerField, TextField

_FLAGS = f"{IN_CALL_BITS}."
_ATTENDEE = "Number of the attendee."
#: Characters of a note that are read, so that one that is too long is refused by its code.
_NOTE = 64 * 1024
_PERMISSIONS = f"Bit field: {PERMISSION_BITS}"


class Parameters(serializers.Serializer[Any]):
    """Base of the forms; ``summary`` is what the OpenAPI document says of one, in Markdown."""

    summary: ClassVar[str]


class OptionalParameters(Parameters):
    """Parameters that may be absent; null is as if they were (behaviour 2.6)."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values."""
        given = {name: value for name, value in data.items() if value is not None}
        return super().to_internal_value(given)


class JoinCallParameters(OptionalParameters):
    # behaviour 4.3
    summary = "`flags` is a bit field of 0 to 15; absent and null mean 7."

    flags = IntegerField(
        default=InCallFlag.DEFAULT, min_value=0, max_value=InCallFlag.ALL, help_text=_FLAGS
    )


class JoinCallParametersV4(JoinCallParameters):
    # behaviour 5
    summary = "v4 may join silently, and agree to be recorded."

    silent = BooleanField(default=False, help_text="Nobody is notified of a call that starts.")
    silentFor = NamesField(
        source="silent_for", default=list, help_text="Users who are not notified."
    )
    recordingConsent = BooleanField(
        source="consents", default=False, help_text="The caller agrees to be recorded."
    )


class ChangeFlagsParameters(Parameters):
    summary = "The new flags."

    flags = IntegerField(min_value=0, max_value=InCallFlag.ALL, help_text=_FLAGS)


class LeaveCallParametersV4(OptionalParameters):
    summary = "`all` ends the call for everybody."

    all = BooleanField(default=False, help_text="End it for everybody, as a moderator.")


class DownloadParameters(Parameters):
    summary = "The only format there is."

    format = ChoiceField(choices=["csv"], default="csv", help_text="Form of the file.")


class ListRoomsParametersV4(Parameters):
    summary = "Only what changed since, in Unix seconds; everything up to 0 is the whole list."

    modifiedSince = MomentField(
        source="modified_since", help_text="Leave out what did not change since, in Unix seconds."
    )


class JoinRoomParameters(OptionalParameters):
    # behaviour 6.4
    summary = "`force` replaces a device of the caller that is in the call."

    password = TextField(
        default="",
        trim_whitespace=False,
        max_length=PASSWORD_MAX_LENGTH,
        help_text="Of the conversation, if it asks for one.",
    )
    force = BooleanField(
        default=True, help_text="Replace a device that is in the call; else that is a conflict."
    )


class TargetParametersV1(Parameters):
    summary = "Whom a moderator means: a user by their id, or a guest by their session."

    participant = TextField(source="user_id", default="", help_text="Name of a user.")
    sessionId = TextField(source="session_id", default="", help_text="Session of a guest.")


class TargetParametersV3(TargetParametersV1):
    summary = "v3 can name every attendee."

    attendeeId = IntegerField(
        source="attendee_id", default=None, allow_null=True, help_text=_ATTENDEE
    )


class TargetParametersV4(Parameters):
    summary = "v4 names attendees, and nobody else."

    attendeeId = IntegerField(source="attendee_id", help_text=_ATTENDEE)


class RemoveUserParameters(Parameters):
    summary = "The user to remove, by the name that clients know."

    participant = TextField(source="user_id", allow_blank=False, help_text="Name of the user.")


class RemoveGuestParameters(Parameters):
    summary = "The guest to remove, by one of their sessions."

    participant = TextField(
        source="session_id", allow_blank=False, help_text="One of the guest's sessions."
    )


class ResendParameters(Parameters):
    summary = "An e-mail invitee; null for all of them."

    attendeeId = IntegerField(
        source="attendee_id",
        default=None,
        allow_null=True,
        help_text="Number of the invitee; null for all.",
    )


class PermissionsParameters(Parameters):
    summary = "A bit field of permissions; the services know which numbers there are."

    permissions = IntegerField(help_text=_PERMISSIONS)


class ChangePermissionsParameters(PermissionsParameters):
    summary = "How they change those that are there; some clients call the `method` a `mode`."

    method = ChoiceField(
        choices=PermissionChange.values,
        default=PermissionChange.SET.value,
        help_text="Whether they replace those that are there, come to them, or go from them.",
    )

    def to_internal_value(self, data: Any) -> Any:
        """Read both names; the one that most clients use wins."""
        named = {"method": data["mode"]} if "mode" in data else {}
        return super().to_internal_value(named | data)


class AttendeePermissionsParameters(ChangePermissionsParameters, TargetParametersV4):
    summary = "Whose permissions change."


class NotifyParameters(Parameters):
    summary = "How loudly the conversation calls for attention."

    level = EnumField(NotificationLevel, help_text="1 always, 2 on mention, 3 never.")


class NotifyCallsParameters(Parameters):
    summary = "Whether calls are announced."

    level = ChoiceField(choices=["0", "1"], help_text="1 if calls are announced.")


class SessionStateParameters(Parameters):
    summary = "Whether somebody looks at the conversation."

    state = EnumField(SessionState, help_text="1 if somebody looks, else 0.")


class SearchParameters(Parameters):
    summary = "A part of the name; empty finds all."

    searchTerm = TextField(
        default="", allow_null=True, max_length=SEARCH_MAX_LENGTH, help_text="A part of the name."
    )


class FindPeopleParameters(OptionalParameters):
    # behaviour 14; `itemType` and `sorter` make no difference
    summary = "A part of a name, and what is searched for."

    search = TextField(
        source="term", default="", max_length=SEARCH_MAX_LENGTH, help_text="A part of the name."
    )
    itemId = TextField(
        source="token", default="", help_text="Token of a conversation, or `new` for none."
    )
    shareTypes = SourcesField(
        source="sources",
        default=["users"],
        help_text="0 users, 1 groups, 4 e-mail addresses; others find nothing.",
    )
    limit = IntegerField(
        default=10, min_value=1, help_text=f"How many of each kind, {MOST_RESULTS} at most."
    )


class AddParticipantParameters(Parameters):
    summary = "Whom to add."

    newParticipant = TextField(
        allow_blank=False, help_text="Name of the user or the group, or the e-mail address."
    )
    source = ChoiceField(  # type: ignore[assignment]
        choices=["users", "groups", "emails"], default="users", help_text="What is added."
    )


class BanParameters(OptionalParameters):
    # behaviour 14
    summary = "Whom to ban; services know which people there are, and how long a note may be."

    actorType = TextField(
        source="kind", default="", help_text="`users`, `guests`, `emails`, or `ips` for addresses."
    )
    actorId = TextField(
        source="actor_id",
        default="",
        help_text="Id of the user or the guest, the e-mail address, or the address.",
    )
    internalNote = TextField(
        source="internal", default="", max_length=_NOTE, help_text="Only moderators see it."
    )
    shownNote = TextField(
        source="shown", default="", max_length=_NOTE, help_text="Whoever is banned sees it."
    )


class GuestNameParameters(Parameters):
    summary = "The name a guest gives themselves; something of it can be seen."

    displayName = TextField(max_length=DISPLAY_NAME_MAX_LENGTH, help_text="The name.")


class MessagesParameters(OptionalParameters):
    # behaviour 14
    summary = "Which messages: those before one, or, waiting for them, those after it."

    lookIntoFuture = BooleanField(
        source="waits", default=False, help_text="Wait for messages after the known one."
    )
    lastKnownMessageId = IntegerField(
        source="message_id", default=0, min_value=0, help_text="The known message, or 0."
    )
    includeLastKnown = BooleanField(
        source="inclusive", default=False, help_text="Give the known message as well."
    )
    limit = IntegerField(default=100, min_value=1, help_text="How many messages; 200 at most.")
    timeout = IntegerField(
        default=30, min_value=0, help_text="How many seconds to wait; 30 at most."
    )

    def validate_limit(self, value: int) -> int:
        """Return how many messages to give; clients may ask for more, as Talk lets them."""
        return min(value, MOST_MESSAGES_READ)


class ContextParameters(OptionalParameters):
    # behaviour 14
    summary = "How many messages before a message, and how many after it."

    limit = IntegerField(default=50, min_value=1, help_text="How many each way; 100 at most.")

    def validate_limit(self, value: int) -> int:
        """Return how many messages to give each way."""
        return min(value, MOST_MESSAGES_READ // 2)


class SignalingSettingsParameters(OptionalParameters):
    summary = "A conversation may be named, to learn whether it is there."

    token = TextField(default="", max_length=30, help_text="Token of a conversation.")


class PollParameters(OptionalParameters):
    summary = "A client may acknowledge what it got; otherwise its cookie does."

    acknowledged = IntegerField(
        default=None,
        allow_null=True,
        min_value=0,
        max_value=2**31 - 1,
        help_text="`X-Talk-Calls-Answer` of the last answer that arrived whole, or 0.",
    )


class SendMessagesParameters(Parameters):
    # behaviour 8.3
    summary = "`messages`, which clients send as a text that holds JSON."

    messages = MessagesField(
        help_text="A JSON list of `{ev: message, sessionId, fn}`; `fn` is JSON as text."
    )
