"""What requests may say, with the defaults of the protocol."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db.models import IntegerChoices
from django.utils import timezone
from rest_framework import serializers

from talk_calls.constants import (
    DISPLAY_NAME_MAX_LENGTH,
    ConversationType,
    InCallFlag,
    Listable,
    LobbyState,
    NotificationLevel,
    Permission,
    PermissionChange,
    ReadOnly,
    RecordingConsent,
    SessionState,
)
from talk_calls.ocs.fields import BooleanField, IntegerField, TextField

#: Nearly the last second that the calendar knows, in whatever time zone.
_LATEST = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())


class EnumField(serializers.ChoiceField):
    """A member of an enumeration of numbers, which forms send as text."""

    def __init__(self, kinds: type[IntegerChoices], **kwargs: Any) -> None:
        super().__init__(choices=[str(int(kind)) for kind in kinds], **kwargs)
        self.kinds = kinds

    def to_internal_value(self, data: Any) -> Any:
        """Return the member."""
        return self.kinds(int(super().to_internal_value(data)))


class MomentField(IntegerField):
    """A time in Unix seconds; absent, null and everything up to 0 are None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(default=None, allow_null=True, **kwargs)

    def to_internal_value(self, data: Any) -> Any:
        """Return the moment as the site keeps time, or None."""
        seconds = super().to_internal_value(data)
        if seconds > _LATEST:
            self.fail("max_value", max_value=_LATEST)
        if seconds <= 0:
            return None
        moment = datetime.fromtimestamp(seconds, UTC)
        if settings.USE_TZ:
            return moment
        # As the database has it, whatever zone is activated for this request.
        return timezone.make_naive(moment, timezone.get_default_timezone())


class NamesField(serializers.ListField):
    """Names of users; a single one need not be a list."""

    child = TextField(max_length=255)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=1000, **kwargs)

    def to_internal_value(self, data: Any) -> list[str]:
        """Return the list, each name once; empty text is none."""
        names = [data] if isinstance(data, str) else data
        return list(dict.fromkeys(filter(None, super().to_internal_value(names))))


class OptionalParameters(serializers.Serializer[Any]):
    """Parameters that may be absent; null is as if they were (talk-api.md 2.6)."""

    def to_internal_value(self, data: Any) -> Any:
        """Return the validated values."""
        given = {name: value for name, value in data.items() if value is not None}
        return super().to_internal_value(given)


class JoinCallParameters(OptionalParameters):
    """``flags`` is a bit field of 0 to 15; absent and null mean 7 (talk-api.md 4.3)."""

    flags = IntegerField(default=InCallFlag.DEFAULT, min_value=0, max_value=InCallFlag.ALL)


class JoinCallParametersV4(JoinCallParameters):
    """v4 may join silently, and agree to be recorded (talk-api.md 5)."""

    silent = BooleanField(default=False)
    silentFor = NamesField(source="silent_for", default=list)
    recordingConsent = BooleanField(source="consents", default=False)


class ChangeFlagsParameters(serializers.Serializer[Any]):
    """The new flags."""

    flags = IntegerField(min_value=0, max_value=InCallFlag.ALL)


class LeaveCallParametersV4(OptionalParameters):
    """``all`` ends the call for everybody."""

    all = BooleanField(default=False)


class DownloadParameters(serializers.Serializer[Any]):
    """The only format there is."""

    format = serializers.ChoiceField(choices=["csv"], default="csv")


class CreateRoomParameters(OptionalParameters):
    """A conversation to be; what else is needed depends on the type (talk-api.md 6.2)."""

    roomType = EnumField(ConversationType)
    invite = TextField(default="")
    source = TextField(  # type: ignore[assignment] # shadows an attribute nobody reads
        default=""
    )
    roomName = TextField(default="")


class CreateRoomParametersV4(CreateRoomParameters):
    """v4 may set everything at once (talk-api.md 6.1)."""

    objectType = TextField(source="object_type", default="")
    objectId = TextField(source="object_id", default="")
    description = TextField(default="")
    password = TextField(default="", trim_whitespace=False, max_length=1000)
    readOnly = EnumField(ReadOnly, source="read_only", default=ReadOnly.READ_WRITE)
    listable = EnumField(Listable, default=Listable.PARTICIPANTS)
    lobbyState = EnumField(LobbyState, source="lobby_state", default=LobbyState.NONE)
    lobbyTimer = MomentField(source="lobby_timer")
    permissions = IntegerField(default=Permission.DEFAULT)
    recordingConsent = EnumField(
        RecordingConsent, source="recording_consent", default=RecordingConsent.NOT_NEEDED
    )


class ListRoomsParametersV4(serializers.Serializer[Any]):
    """Only what changed since, in Unix seconds; everything up to 0 is the whole list."""

    modifiedSince = MomentField(source="modified_since")


class JoinRoomParameters(OptionalParameters):
    """``force`` replaces a device of the caller that is in the call (talk-api.md 6.4)."""

    password = TextField(default="", trim_whitespace=False)
    force = BooleanField(default=True)


class ReadOnlyParameters(serializers.Serializer[Any]):
    """The lock."""

    state = EnumField(ReadOnly)


class RenameParameters(serializers.Serializer[Any]):
    """The new name."""

    roomName = TextField()


class DescriptionParameters(serializers.Serializer[Any]):
    """The new description; empty removes it."""

    description = TextField()


class ListableParameters(serializers.Serializer[Any]):
    """Who finds the conversation uninvited."""

    scope = EnumField(Listable)


class TargetParametersV1(serializers.Serializer[Any]):
    """Whom a moderator means: a user by their id, or a guest by their session."""

    participant = TextField(source="user_id", default="")
    sessionId = TextField(source="session_id", default="")


class TargetParametersV3(TargetParametersV1):
    """v3 can name every attendee."""

    attendeeId = IntegerField(source="attendee_id", default=None, allow_null=True)


class TargetParametersV4(serializers.Serializer[Any]):
    """v4 names attendees, and nobody else."""

    attendeeId = IntegerField(source="attendee_id")


class RemoveUserParameters(serializers.Serializer[Any]):
    """The user to remove, by the name that clients know."""

    participant = TextField(source="user_id", allow_blank=False)


class RemoveGuestParameters(serializers.Serializer[Any]):
    """The guest to remove, by one of their sessions."""

    participant = TextField(source="session_id", allow_blank=False)


class ResendParameters(serializers.Serializer[Any]):
    """An e-mail invitee; null for all of them."""

    attendeeId = IntegerField(source="attendee_id", default=None, allow_null=True)


class PermissionsParameters(serializers.Serializer[Any]):
    """A bit field of permissions; the services know which numbers there are."""

    permissions = IntegerField()


class ChangePermissionsParameters(PermissionsParameters):
    """How they change those that are there; some clients call the ``method`` a ``mode``."""

    method = serializers.ChoiceField(
        choices=PermissionChange.values, default=PermissionChange.SET.value
    )

    def to_internal_value(self, data: Any) -> Any:
        """Read both names; the one that most clients use wins."""
        named = {"method": data["mode"]} if "mode" in data else {}
        return super().to_internal_value(named | data)


class AttendeePermissionsParameters(ChangePermissionsParameters, TargetParametersV4):
    """Whose permissions change."""


class NotifyParameters(serializers.Serializer[Any]):
    """How loudly the conversation calls for attention."""

    level = EnumField(NotificationLevel)


class NotifyCallsParameters(serializers.Serializer[Any]):
    """Whether calls are announced."""

    level = serializers.ChoiceField(choices=["0", "1"])


class SessionStateParameters(serializers.Serializer[Any]):
    """Whether somebody looks at the conversation."""

    state = EnumField(SessionState)


class RecordingConsentParameters(serializers.Serializer[Any]):
    """Whether joining takes the consent to be recorded."""

    recordingConsent = EnumField(RecordingConsent)


class SearchParameters(serializers.Serializer[Any]):
    """A part of the name; empty finds all."""

    searchTerm = TextField(default="", allow_null=True)


class LobbyParameters(serializers.Serializer[Any]):
    """The lobby; ``timer`` in Unix seconds, null and everything up to 0 for none."""

    state = EnumField(LobbyState)
    timer = MomentField()


class PasswordParameters(serializers.Serializer[Any]):
    """The password of a public conversation; empty removes it."""

    password = TextField(trim_whitespace=False, max_length=1000)


class AddParticipantParameters(serializers.Serializer[Any]):
    """Whom to add."""

    newParticipant = TextField(allow_blank=False)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=["users", "groups", "emails"], default="users"
    )


class GuestNameParameters(serializers.Serializer[Any]):
    """The name a guest gives themselves; empty is allowed."""

    displayName = TextField(max_length=DISPLAY_NAME_MAX_LENGTH)
