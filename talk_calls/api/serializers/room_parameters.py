"""Parameters of making a conversation, and of what moderators change about one (behaviour 6)."""

from talk_calls.api.serializers.fields import EnumField, MomentField, PeopleField
from talk_calls.api.serializers.parameters import OptionalParameters, Parameters
from talk_calls.api.serializers.types import PERMISSION_BITS
from talk_calls.constants import (
    CREATED_TYPES,
    EXPIRATION_MAX,
    PASSWORD_MAX_LENGTH,
    ConversationType,
    Listable,
    LobbyState,
    MentionPermissions,
    Permission,
    ReadOnly,
    RecordingConsent,
)
from talk_calls.ocs.fields import IntegerField, TextField

#: What a refused parameter of a new conversation is called (``InvalidSetting``).
SETTINGS = {
    "roomType": "type",
    "invite": "invite",
    "source": "invite",
    "roomName": "name",
    "objectType": "object-type",
    "objectId": "object-id",
    "description": "description",
    "password": "password",
    "readOnly": "read-only",
    "listable": "listable",
    "lobbyState": "lobby",
    "lobbyTimer": "lobby-timer",
    "permissions": "permissions",
    "recordingConsent": "recording-consent",
    "messageExpiration": "message-expiration",
    "mentionPermissions": "mention-permissions",
    "sipEnabled": "sip-enabled",
    "participants": "participants",
}

_LISTABLE = "Who finds it uninvited: 0 nobody, 1 users, 2 everybody with an account."
_LOBBY = "1 lets only moderators in, 0 everybody."
_TIMER = "When the lobby falls by itself, in Unix seconds; null or 0 for never."
_CONSENT = "1 if joining the call takes the consent to be recorded."
_EXPIRATION = "Seconds after which messages expire; 0 never. There is no chat: it is only kept."
_MENTIONS = "Who may mention everybody: 0 all, 1 moderators. There is no chat: it is only kept."
_PERMISSIONS = f"Bit field: {PERMISSION_BITS}"


class CreateRoomParameters(OptionalParameters):
    # behaviour 6.2
    summary = "A conversation to be; what else is needed depends on the type."

    roomType = EnumField(
        ConversationType, CREATED_TYPES, help_text="1 one-to-one, 2 group, 3 public."
    )
    invite = TextField(default="", help_text="The other user, or the group whose members come in.")
    source = TextField(  # type: ignore[assignment] # shadows an attribute nobody reads
        default="", help_text="What is invited: a group, whatever it says but circles."
    )
    roomName = TextField(default="", help_text="Name; a one-to-one has none of its own.")


class CreateRoomParametersV4(CreateRoomParameters):
    # behaviour 6.1
    summary = "v4 may set everything at once; a refusal names the setting."

    objectType = TextField(
        source="object_type", default="", help_text="Kind of what the conversation belongs to."
    )
    objectId = TextField(
        source="object_id", default="", help_text="Id of what the conversation belongs to."
    )
    description = TextField(default="", help_text="What the conversation is about.")
    password = TextField(
        default="",
        trim_whitespace=False,
        max_length=PASSWORD_MAX_LENGTH,
        help_text="What newcomers have to know.",
    )
    readOnly = EnumField(
        ReadOnly, source="read_only", default=ReadOnly.READ_WRITE, help_text="1 locks it."
    )
    listable = EnumField(Listable, default=Listable.PARTICIPANTS, help_text=_LISTABLE)
    lobbyState = EnumField(
        LobbyState, source="lobby_state", default=LobbyState.NONE, help_text=_LOBBY
    )
    lobbyTimer = MomentField(source="lobby_timer", help_text=_TIMER)
    permissions = IntegerField(default=Permission.DEFAULT, help_text=_PERMISSIONS)
    recordingConsent = EnumField(
        RecordingConsent,
        source="recording_consent",
        default=RecordingConsent.NOT_NEEDED,
        help_text=_CONSENT,
    )
    messageExpiration = IntegerField(
        source="message_expiration",
        default=0,
        min_value=0,
        max_value=EXPIRATION_MAX,
        help_text=_EXPIRATION,
    )
    mentionPermissions = EnumField(
        MentionPermissions,
        source="mention_permissions",
        default=MentionPermissions.EVERYONE,
        help_text=_MENTIONS,
    )
    sipEnabled = IntegerField(
        default=0, min_value=0, max_value=0, help_text="0: there is no dial-in."
    )
    participants = PeopleField(
        default=dict, help_text="Whom to invite, by source: users, groups and emails."
    )


class RenameParameters(Parameters):
    summary = "The new name."

    roomName = TextField(help_text="The new name.")


class DescriptionParameters(Parameters):
    summary = "The new description; empty removes it."

    description = TextField(help_text="The new description; empty removes it.")


class PublishParameters(OptionalParameters):
    summary = "Opening a conversation may give it a password at once."

    password = TextField(
        default="",
        trim_whitespace=False,
        max_length=PASSWORD_MAX_LENGTH,
        help_text="What newcomers have to know; empty leaves what there was.",
    )


class PasswordParameters(Parameters):
    summary = "The password of a public conversation; empty removes it."

    password = TextField(
        trim_whitespace=False,
        max_length=PASSWORD_MAX_LENGTH,
        help_text="The new one; empty removes it.",
    )


class ReadOnlyParameters(Parameters):
    summary = "The lock."

    state = EnumField(ReadOnly, help_text="1 locks the conversation, 0 unlocks it.")


class LobbyParameters(Parameters):
    summary = "The lobby; `timer` in Unix seconds, null and everything up to 0 for none."

    state = EnumField(LobbyState, help_text=_LOBBY)
    timer = MomentField(help_text=_TIMER)


class ListableParameters(Parameters):
    summary = "Who finds the conversation uninvited."

    scope = EnumField(Listable, help_text=_LISTABLE)


class RecordingConsentParameters(Parameters):
    summary = "Whether joining takes the consent to be recorded."

    recordingConsent = EnumField(RecordingConsent, help_text=_CONSENT)


class ExpirationParameters(Parameters):
    summary = "After how long messages expire."

    seconds = IntegerField(min_value=0, max_value=EXPIRATION_MAX, help_text=_EXPIRATION)


class MentionParameters(Parameters):
    summary = "Who may mention everybody."

    mentionPermissions = EnumField(MentionPermissions, help_text=_MENTIONS)
