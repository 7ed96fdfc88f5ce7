"""Conversations: list, create, get, and what moderators change (behaviour 6)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import capabilities, situations
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.parameters import (
    CreateRoomParameters,
    CreateRoomParametersV4,
    DescriptionParameters,
    ListableParameters,
    ListRoomsParametersV4,
    LobbyParameters,
    PasswordParameters,
    ReadOnlyParameters,
    RecordingConsentParameters,
    RenameParameters,
    SearchParameters,
)
from talk_calls.api.serializers.room_views import Room
from talk_calls.api.serializers.rooms import ROOM_SERIALIZERS
from talk_calls.api.throttling import rates
from talk_calls.api.versioning import NAMES_IN_BYTES
from talk_calls.api.views.base import (
    ConversationViewSet,
    Serializers,
    TalkViewSet,
    VisibleConversationViewSet,
)
from talk_calls.constants import NAME_MAX_BYTES, RENAME_MAX_BYTES, ConversationType
from talk_calls.exceptions import (
    CallRunning,
    CannotInviteOneself,
    ConsentNotOffered,
    InvalidValue,
    MayNotBeInvited,
    MayNotCreate,
    MayNotInvite,
    MayNotMakeListable,
    MayNotMakePublic,
    NoSuchConversation,
    NoSuchTarget,
    NotPublic,
    ServerBusy,
)
from talk_calls.host import lookups
from talk_calls.models import Attendee, Conversation
from talk_calls.policies import Situation
from talk_calls.services import conversations, creation, lobby

#: Changes when clients are to read the capabilities anew (behaviour 2.8).
HASH_HEADER = "X-Nextcloud-Talk-Hash"

#: What to ask for next as ``modifiedSince``.
MODIFIED_HEADER = "X-Nextcloud-Talk-Modified-Before"

_CREATED = {HTTPStatus.CREATED: Data.ROOM, HTTPStatus.OK: Data.ROOM}
_NOT_CREATED = (
    InvalidValue,
    NoSuchTarget,
    CannotInviteOneself,
    MayNotCreate,
    MayNotInvite,
    MayNotBeInvited,
)

#: A change shortly before an answer may not be committed yet; clients ask from so much earlier.
_OVERLAP = timedelta(seconds=10)


def rooms_of(found: Sequence[Situation], version: str) -> list[Room]:
    """Return what the room shape of ``version`` needs, with one query for all members.

    v1 carries the participants of every conversation; elsewhere members only name the nameless.
    """
    wanted = [
        each.conversation.pk
        for each in found
        if each.attendee and (version == "v1" or not each.conversation.name)
    ]
    members: dict[int, list[Attendee]] = defaultdict(list)
    if wanted:
        attendees = policies.with_users(Attendee.objects.all(), "user")
        for member in attendees.members(wanted, found[0].now):
            members[member.conversation_id].append(member)
    return [Room(each, members[each.conversation.pk]) for each in found]


def room_data(
    view: TalkViewSet, situation: Situation, serializers: Serializers = ROOM_SERIALIZERS
) -> dict[str, Any]:
    """Return one room object in the shape of the request's version."""
    [room] = rooms_of([situation], view.version)
    return dict(view.shaped(serializers, room))


def with_hash(view: TalkViewSet, response: Response) -> Response:
    """Tell clients when to read the capabilities anew (behaviour 2.8)."""
    response[HASH_HEADER] = capabilities.talk_hash(view.actor.user)
    return response


def list_of_rooms(view: TalkViewSet, found: Sequence[Situation]) -> Response:
    """Return an answer with room objects in the shape of the request's version."""
    rooms = rooms_of(found, view.version)
    return with_hash(view, view.done(view.shaped(ROOM_SERIALIZERS, rooms, many=True)))


class RoomListViewSet(TalkViewSet):
    """``/room``."""

    tag = "conversations"
    list_methods = {"get": "list", "post": "create"}

    @Operation(
        "List the caller's conversations",
        rules=policies.NO_RULES,
        users_only=True,
        answers={HTTPStatus.OK: Data.ROOMS},
        headers=(HASH_HEADER,),
    )
    def list(self, request: Request) -> Response:
        return list_of_rooms(self, situations.of_user(self.user, now=self.now))

    @Operation(
        "Create a conversation, or return the existing one of two users",
        rules=policies.NO_RULES,
        users_only=True,
        form=CreateRoomParameters,
        answers=_CREATED,
        refusals=_NOT_CREATED,
    )
    def create(self, request: Request) -> Response:
        conversation, created = self._create(dict(self.parameters))
        found = situations.of_visitor(conversation.token, self.actor, now=self.now)
        status = HTTPStatus.CREATED if created else HTTPStatus.OK
        return self.done(room_data(self, found), status)

    def _create(self, values: dict[str, Any]) -> tuple[Conversation, bool]:
        kind, invite, source, name = (
            values.pop(key) for key in ("roomType", "invite", "source", "roomName")
        )
        options = creation.ConversationOptions(**values)
        if kind == ConversationType.ONE_TO_ONE:
            other = lookups.find_user(invite, viewer=self.user)
            # Asked and counted for nobody as well, so that who is hidden is like who is unknown.
            if not creation.have_one_to_one(self.user, other or self.user):
                rates.count_conversation(self.user)
            return creation.create_one_to_one(user=self.user, other=other, created_by=self.user)
        rates.count_conversation(self.user)
        if kind == ConversationType.GROUP and invite:
            return creation.create_from_group(
                group_id=invite,
                source=source or "groups",
                owner=self.user,
                options=options,
                created_by=self.user,
            ), True
        return creation.create(
            kind=kind,
            name=name,
            owner=self.user,
            options=options,
            created_by=self.user,
            most_bytes=NAME_MAX_BYTES if self.version in NAMES_IN_BYTES else None,
        ), True


class RoomListViewSetV4(RoomListViewSet):
    """``/room`` of v4, which can tell only what changed."""

    @Operation(
        "List the caller's conversations, or those about which something changed",
        rules=policies.NO_RULES,
        users_only=True,
        form=ListRoomsParametersV4,
        answers={HTTPStatus.OK: Data.ROOMS},
        headers=(HASH_HEADER, MODIFIED_HEADER),
    )
    def list(self, request: Request) -> Response:
        since = self.parameters["modified_since"]
        found = situations.of_user(self.user, now=self.now, modified_since=since)
        response = list_of_rooms(self, found)
        before = int((self.now - _OVERLAP).timestamp())
        response[MODIFIED_HEADER] = str(before)
        return response

    @Operation(
        "Create a conversation, or return the existing one of two users",
        rules=policies.NO_RULES,
        users_only=True,
        form=CreateRoomParametersV4,
        answers=_CREATED,
        refusals=(*_NOT_CREATED, NotPublic, ConsentNotOffered, MayNotMakeListable, ServerBusy),
    )
    def create(self, request: Request) -> Response:
        return super().create(request)


class ListedRoomViewSet(TalkViewSet):
    """``/listed-room``."""

    tag = "conversations"
    list_methods = {"get": "listed"}

    @Operation(
        "List the conversations that the caller may join uninvited",
        rules=policies.NO_RULES,
        users_only=True,
        form=SearchParameters,
        answers={HTTPStatus.OK: Data.ROOMS},
        headers=(HASH_HEADER,),
    )
    def listed(self, request: Request) -> Response:
        term = self.parameters["searchTerm"] or ""
        found = situations.of_listed(self.user, term.strip(), now=self.now)
        return list_of_rooms(self, found)


class RoomViewSet(VisibleConversationViewSet):
    """``/room/{token}``: for everybody who may see the conversation, and for moderators."""

    tag = "conversations"
    detail_methods = {"get": "retrieve", "put": "rename", "delete": "delete"}

    @Operation(
        "Return the conversation as the caller sees it",
        rules=policies.NO_RULES,
        answers={HTTPStatus.OK: Data.ROOM},
        refusals=(NoSuchConversation,),
        headers=(HASH_HEADER,),
    )
    def retrieve(self, request: Request, token: str) -> Response:
        return with_hash(self, self.done(room_data(self, self.situation)))

    @Operation(
        "Give the conversation another name",
        rules=policies.RENAME,
        form=RenameParameters,
        refusals=(InvalidValue,),
    )
    def rename(self, request: Request, token: str) -> Response:
        name = self.parameters["roomName"]
        conversations.rename(
            conversation=self.situation.conversation,
            name=name,
            now=self.now,
            performed_by=self.situation.attendee,
            most_bytes=RENAME_MAX_BYTES if self.version in NAMES_IN_BYTES else None,
        )
        return self.done()

    @Operation("Delete the conversation; its call ends first", rules=policies.DELETE_CONVERSATION)
    def delete(self, request: Request, token: str) -> Response:
        conversations.delete(
            conversation=self.situation.conversation,
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done()


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
        refusals=(InvalidValue, MayNotMakePublic),
    )
    def publish(self, request: Request, token: str) -> Response:
        return self._set_public(True)

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
        refusals=(NotPublic, ServerBusy),
    )
    def password(self, request: Request, token: str) -> Response:
        conversations.set_password(
            conversation=self.situation.conversation,
            password=self.parameters["password"],
            now=self.now,
            performed_by=self.situation.attendee,
        )
        return self.done()

    def _set_public(self, public: bool) -> Response:
        conversations.set_public(
            conversation=self.situation.conversation,
            public=public,
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
    """The same in v4, where a conversation may ask for the consent to be recorded."""

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
