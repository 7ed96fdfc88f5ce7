"""What moderators change about a conversation (behaviour 6.1)."""

from http import HTTPStatus

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.room_parameters import (
    DescriptionParameters,
    ExpirationParameters,
    ListableParameters,
    LobbyParameters,
    MentionParameters,
    PasswordParameters,
    PublishParameters,
    ReadOnlyParameters,
    RecordingConsentParameters,
)
from talk_calls.api.serializers.rooms import ROOM_SERIALIZERS
from talk_calls.api.versioning import SHORT_DESCRIPTIONS
from talk_calls.api.views.base import ConversationViewSet
from talk_calls.api.views.rooms import room_data
from talk_calls.constants import DESCRIPTION_MAX_LENGTH, DESCRIPTION_MAX_LENGTH_BEFORE_V4
from talk_calls.exceptions import (
    CallRunning,
    ConsentNotOffered,
    InvalidValue,
    MayNotMakeListable,
    MayNotMakePublic,
    NotPublic,
    PasswordNeeded,
    ServerBusy,
)
from talk_calls.services import chat_settings, conversations, lobby


class RoomSettingsViewSet(ConversationViewSet):
    """What moderators change about a conversation."""

    tag = "conversations"
    #: The lobby answers v1 callers with the shape of v2 (behaviour 6.3).
    lobby_serializers = {**ROOM_SERIALIZERS, "v1": ROOM_SERIALIZERS["v2"]}

    @action(["post"], detail=True, url_path="public", url_name="public")
    @Operation(
        "Open the conversation to everybody who has the link",
        rules=policies.OPEN_CONVERSATION,
        users_only=True,
        form=PublishParameters,
        refusals=(InvalidValue, MayNotMakePublic, PasswordNeeded, ServerBusy),
    )
    def publish(self, request: Request, token: str) -> Response:
        return self._set_public(True, password=self.parameters["password"])

    @publish.mapping.delete
    @Operation(
        "Close it again, also to those who followed the link",
        rules=policies.OPEN_CONVERSATION,
        users_only=True,
        refusals=(InvalidValue,),
    )
    def unpublish(self, request: Request, token: str) -> Response:
        return self._set_public(False)

    @action(["put"], detail=True, url_path="read-only")
    @Operation(
        "Lock or unlock the conversation",
        rules=policies.MODERATE,
        users_only=True,
        form=ReadOnlyParameters,
        refusals=(InvalidValue,),
    )
    def read_only(self, request: Request, token: str) -> Response:
        state = self.parameters["state"]
        conversations.set_read_only(
            conversation=self.situation.conversation,
            state=state,
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done()

    @action(["put"], detail=True, url_path="webinary?/lobby")
    @Operation(
        "Raise or lower the lobby, and return the conversation",
        rules=policies.MODERATE,
        users_only=True,
        form=LobbyParameters,
        answers={HTTPStatus.OK: Data.ROOM},
        refusals=(InvalidValue,),
        v1_as_v2=True,
    )
    def lobby(self, request: Request, token: str) -> Response:
        values = self.parameters
        lobby.set_state(
            conversation=self.situation.conversation,
            state=values["state"],
            timer=values["timer"],
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done(room_data(self, self.get_visible(), self.lobby_serializers))

    @action(["put"], detail=True)
    @Operation(
        "Set or remove the password",
        rules=policies.OPEN_CONVERSATION,
        form=PasswordParameters,
        refusals=(NotPublic, PasswordNeeded, ServerBusy),
    )
    def password(self, request: Request, token: str) -> Response:
        conversations.set_password(
            conversation=self.situation.conversation,
            password=self.parameters["password"],
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done()

    def _set_public(self, public: bool, password: str = "") -> Response:
        conversations.set_public(
            conversation=self.situation.conversation,
            public=public,
            password=password,
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done()


class RoomSettingsViewSetV3(RoomSettingsViewSet):
    """The same in v3, where conversations are described and found."""

    @action(["put"], detail=True, url_path="description", url_name="description")
    @Operation(
        "Set or remove the description",
        rules=policies.RENAME,
        form=DescriptionParameters,
        refusals=(InvalidValue,),
    )
    def describe(self, request: Request, token: str) -> Response:
        conversations.describe(
            conversation=self.situation.conversation,
            description=self.parameters["description"],
            now=self.now,
            performed_by=self.situation.attendee,
            most=(
                DESCRIPTION_MAX_LENGTH_BEFORE_V4
                if self.version in SHORT_DESCRIPTIONS
                else DESCRIPTION_MAX_LENGTH
            ),
        )
        return self.done()

    @action(["put"], detail=True)
    @Operation(
        "Say who finds the conversation uninvited",
        rules=policies.OPEN_CONVERSATION,
        users_only=True,
        form=ListableParameters,
        refusals=(InvalidValue, MayNotMakeListable),
    )
    def listable(self, request: Request, token: str) -> Response:
        scope = self.parameters["scope"]
        conversations.set_listable(
            conversation=self.situation.conversation,
            scope=scope,
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done()


class RoomSettingsViewSetV4(RoomSettingsViewSetV3):
    """The same in v4, with the consent to be recorded and what clients say about a chat."""

    @action(["put"], detail=True, url_path="recording-consent")
    @Operation(
        "Say whether joining takes the consent to be recorded, and return the conversation",
        rules=policies.MODERATE,
        users_only=True,
        form=RecordingConsentParameters,
        answers={HTTPStatus.OK: Data.ROOM},
        refusals=(ConsentNotOffered, CallRunning),
    )
    def recording_consent(self, request: Request, token: str) -> Response:
        conversations.set_recording_consent(
            conversation=self.situation.conversation,
            consent=self.parameters["recordingConsent"],
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done(room_data(self, self.get_visible()))

    @action(["post"], detail=True, url_path="message-expiration")
    @Operation(
        "Set after how long messages expire, which clients show",
        rules=policies.MODERATE,
        users_only=True,
        form=ExpirationParameters,
        refusals=(InvalidValue,),
    )
    def message_expiration(self, request: Request, token: str) -> Response:
        chat_settings.set_message_expiration(
            conversation=self.situation.conversation,
            seconds=self.parameters["seconds"],
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done()

    @action(["put"], detail=True, url_path="mention-permissions")
    @Operation(
        "Set who may mention everybody, which clients show, and return the conversation",
        rules=policies.MODERATE,
        users_only=True,
        form=MentionParameters,
        answers={HTTPStatus.OK: Data.ROOM},
        refusals=(InvalidValue,),
    )
    def mention_permissions(self, request: Request, token: str) -> Response:
        chat_settings.set_mention_permissions(
            conversation=self.situation.conversation,
            permissions=self.parameters["mentionPermissions"],
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done(room_data(self, self.get_visible()))
