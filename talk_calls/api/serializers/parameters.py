"""What requests may say, with the defaults of the protocol."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework import serializers

from talk_calls.constants import (
    DISPLAY_NAME_MAX_LENGTH,
    ConversationType,
    InCallFlag,
    Listable,
    LobbyState,
    NotificationLevel,
    ReadOnly,
)
from talk_calls.ocs.fields import BooleanField, IntegerField, TextField

#: Nearly the last second that the calendar knows, in whatever time zone.
_LATEST = int(datetime(9999, 12, 30, tzinfo=UTC).timestamp())


class JoinCallParameters(serializers.Serializer[Any]):
    """``flags`` is a bit field of 0 to 15; absent and null mean 7 (talk-api.md 4.3)."""

    flags = IntegerField(
        default=InCallFlag.DEFAULT, allow_null=True, min_value=0, max_value=InCallFlag.ALL
    )

    def validate_flags(self, flags: int | None) -> int:
        """Read null as absent."""
        return InCallFlag.DEFAULT if flags is None else flags


class CreateRoomParameters(serializers.Serializer[Any]):
    """A conversation to be; what else is needed depends on the type (talk-api.md 6.2)."""

    roomType = serializers.ChoiceField(choices=[str(int(kind)) for kind in ConversationType])
    invite = TextField(default="", allow_null=True)
    source = TextField(  # type: ignore[assignment] # shadows an attribute nobody reads
        default="", allow_null=True
    )
    roomName = TextField(default="", allow_null=True)


class JoinRoomParameters(serializers.Serializer[Any]):
    """``force`` replaces a device of the caller that is in the call (talk-api.md 6.4)."""

    password = TextField(default="", allow_null=True, trim_whitespace=False)
    force = BooleanField(default=True, allow_null=True)

    def validate_force(self, force: bool | None) -> bool:
        """Read null as absent."""
        return True if force is None else force


class ReadOnlyParameters(serializers.Serializer[Any]):
    """The lock."""

    state = serializers.ChoiceField(choices=[str(int(state)) for state in ReadOnly])


class RenameParameters(serializers.Serializer[Any]):
    """The new name."""

    roomName = TextField()


class DescriptionParameters(serializers.Serializer[Any]):
    """The new description; empty removes it."""

    description = TextField()


class ListableParameters(serializers.Serializer[Any]):
    """Who finds the conversation uninvited."""

    scope = serializers.ChoiceField(choices=[str(int(scope)) for scope in Listable])


class TargetParametersV1(serializers.Serializer[Any]):
    """Whom a moderator means: a user by their id, or a guest by their session."""

    participant = TextField(source="user_id", default="")
    sessionId = TextField(source="session_id", default="")


class TargetParametersV3(TargetParametersV1):
    """v3 can name every attendee."""

    attendeeId = IntegerField(source="attendee_id", default=None, allow_null=True)


class RemoveUserParameters(serializers.Serializer[Any]):
    """The user to remove, by the name that clients know."""

    participant = TextField(source="user_id", allow_blank=False)


class RemoveGuestParameters(serializers.Serializer[Any]):
    """The guest to remove, by one of their sessions."""

    participant = TextField(source="session_id", allow_blank=False)


class AttendeeParameters(serializers.Serializer[Any]):
    """Anybody who belongs to the conversation."""

    attendeeId = IntegerField(source="attendee_id")


class NotifyParameters(serializers.Serializer[Any]):
    """How loudly the conversation calls for attention."""

    level = serializers.ChoiceField(choices=[str(int(level)) for level in NotificationLevel])


class SearchParameters(serializers.Serializer[Any]):
    """A part of the name; empty finds all."""

    searchTerm = TextField(default="", allow_null=True)


class LobbyParameters(serializers.Serializer[Any]):
    """The lobby; ``timer`` in Unix seconds, null and everything up to 0 for none."""

    state = serializers.ChoiceField(choices=[str(int(state)) for state in LobbyState])
    timer = IntegerField(default=None, allow_null=True, max_value=_LATEST)

    def validate_timer(self, timer: int | None) -> datetime | None:
        """Return the moment as the site keeps time, or None."""
        if timer is None or timer <= 0:
            return None
        moment = datetime.fromtimestamp(timer, UTC)
        return moment if settings.USE_TZ else timezone.make_naive(moment)


class PasswordParameters(serializers.Serializer[Any]):
    """The password of a public conversation; empty removes it."""

    password = TextField(trim_whitespace=False, max_length=1000)


class AddParticipantParameters(serializers.Serializer[Any]):
    """Whom to add."""

    newParticipant = TextField(allow_blank=False)
    source = serializers.ChoiceField(  # type: ignore[assignment]
        choices=["users"], default="users"
    )


class GuestNameParameters(serializers.Serializer[Any]):
    """The name a guest gives themselves; empty is allowed."""

    displayName = TextField(max_length=DISPLAY_NAME_MAX_LENGTH)
