"""Conversations: list, create, get, and what moderators change (behaviour 6)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls.api import capabilities, context
from talk_calls.api.permissions import IsModerator, IsNoOneToOne, IsParticipant, IsUser
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
from talk_calls.api.views.base import ConversationViewSet, Serializers, TalkViewSet
from talk_calls.constants import ConversationType
from talk_calls.models import Attendee, Conversation
from talk_calls.services import conversations, creation, lobby, participants

#: What happened shortly before an answer may not be committed yet; the next one tells it.
_OVERLAP = timedelta(seconds=10)


def rooms_of(contexts: Iterable[context.Context], version: str) -> list[Room]:
    """Return what the room shape of ``version`` needs, with one query for all members.

    v1 carries the participants of every conversation; elsewhere members only name the nameless.
    """
    contexts = list(contexts)
    wanted = [
        each.conversation.pk
        for each in contexts
        if each.attendee and (version == "v1" or not each.conversation.name)
    ]
    members: dict[int, list[Attendee]] = defaultdict(list)
    if wanted:
        for member in Attendee.objects.members(wanted, contexts[0].now):
            members[member.conversation_id].append(member)
    return [Room(each, members[each.conversation.pk]) for each in contexts]


def room_data(
    view: TalkViewSet, found: context.Context, serializers: Serializers = ROOM_SERIALIZERS
) -> dict[str, Any]:
    """Return one room object in the shape of the request's version."""
    [room] = rooms_of([found], view.version)
    return dict(view.shaped(serializers, room))


def with_hash(view: TalkViewSet, response: Response) -> Response:
    """Tell clients when to read the capabilities anew (behaviour 2.8)."""
    response["X-Nextcloud-Talk-Hash"] = capabilities.talk_hash(view.actor.user)
    return response


class RoomListViewSet(TalkViewSet):
    """``/room`` and ``/listed-room``."""

    permissions = {"list": (IsUser,), "create": (IsUser,), "listed": (IsUser,)}
    create_form = CreateRoomParameters

    def list(self, request: Request) -> Response:
        """List the caller's conversations."""
        return self.rooms(context.look_up_all(actor=self.actor, now=self.now))

    def create(self, request: Request) -> Response:
        """Create a conversation, or return the existing one of two users."""
        values = self.parameters(self.create_form)
        conversation, created = self._create(values)
        caller = context.Caller(self.actor, conversation.token)
        found = context.look_up_room(caller, now=self.now)
        status = HTTPStatus.CREATED if created else HTTPStatus.OK
        return self.done(room_data(self, found), status)

    def listed(self, request: Request) -> Response:
        """List the conversations that the caller may join uninvited."""
        term = self.parameters(SearchParameters)["searchTerm"] or ""
        return self.rooms(context.look_up_listed(actor=self.actor, term=term.strip(), now=self.now))

    def rooms(self, contexts: Iterable[context.Context]) -> Response:
        """Return room objects in the shape of the request's version."""
        rooms = rooms_of(contexts, self.version)
        return with_hash(self, self.done(self.shaped(ROOM_SERIALIZERS, rooms, many=True)))

    def _create(self, values: dict[str, Any]) -> tuple[Conversation, bool]:
        kind, invite, source, name = (
            values.pop(key) for key in ("roomType", "invite", "source", "roomName")
        )
        terms = creation.ConversationOptions(**values)
        if kind == ConversationType.ONE_TO_ONE:
            other = participants.user_called(invite)
            return creation.create_one_to_one(user=self.user, other=other)
        if kind == ConversationType.GROUP and invite:
            return creation.create_from_group(
                group_id=invite, source=source or "groups", owner=self.user, terms=terms
            ), True
        return creation.create(kind=kind, name=name, owner=self.user, terms=terms), True


class RoomListViewSetV4(RoomListViewSet):
    """``/room`` of v4, which can tell only what changed."""

    create_form = CreateRoomParametersV4

    def list(self, request: Request) -> Response:
        """List the caller's conversations, or those about which something changed."""
        since = self.parameters(ListRoomsParametersV4)["modified_since"]
        response = self.rooms(
            context.look_up_all(actor=self.actor, now=self.now, modified_since=since)
        )
        before = int((self.now - _OVERLAP).timestamp())
        response["X-Nextcloud-Talk-Modified-Before"] = str(before)
        return response


class RoomViewSet(ConversationViewSet):
    """``/room/{token}``: for everybody who may see the conversation, and for moderators."""

    permissions = {
        "retrieve": (),
        "rename": (IsParticipant, IsModerator),
        "delete": (IsParticipant, IsModerator, IsNoOneToOne),
    }

    @cached_property
    def context(self) -> context.Context:
        """Return where the request acts, also for outsiders."""
        return self.visible()

    def retrieve(self, request: Request, token: str) -> Response:
        """Return the conversation as the caller sees it."""
        return with_hash(self, self.done(room_data(self, self.context)))

    def rename(self, request: Request, token: str) -> Response:
        """Give the conversation another name."""
        name = self.parameters(RenameParameters)["roomName"]
        conversations.rename(
            conversation=self.context.conversation,
            name=name,
            now=self.now,
            performed_by=self.context.attendee,
        )
        return self.done()

    def delete(self, request: Request, token: str) -> Response:
        """Delete the conversation; its call ends first."""
        conversations.delete(
            conversation=self.context.conversation, now=self.now, performed_by=self.context.attendee
        )
        return self.done()


class RoomSettingsViewSet(ConversationViewSet):
    """What moderators change about a conversation."""

    permissions = {
        "describe": (IsParticipant, IsModerator),
        "publish": (IsUser, IsParticipant, IsModerator),
        "unpublish": (IsUser, IsParticipant, IsModerator),
        "listable": (IsUser, IsParticipant, IsModerator),
        "read_only": (IsUser, IsParticipant, IsModerator),
        "lobby": (IsUser, IsParticipant, IsModerator),
        "password": (IsParticipant, IsModerator),
        "recording_consent": (IsUser, IsParticipant, IsModerator),
    }
    #: v1 answers a change of the lobby with the object of v2 (behaviour 6.3).
    lobby_serializers = {**ROOM_SERIALIZERS, "v1": ROOM_SERIALIZERS["v2"]}

    def describe(self, request: Request, token: str) -> Response:
        """Set or remove the description."""
        conversations.describe(
            conversation=self.context.conversation,
            description=self.parameters(DescriptionParameters)["description"],
            now=self.now,
            performed_by=self.context.attendee,
        )
        return self.done()

    def publish(self, request: Request, token: str) -> Response:
        """Open the conversation to everybody who has the link."""
        return self._set_public(True)

    def unpublish(self, request: Request, token: str) -> Response:
        """Close it again, also to those who followed the link."""
        return self._set_public(False)

    def listable(self, request: Request, token: str) -> Response:
        """Say who finds the conversation uninvited."""
        scope = self.parameters(ListableParameters)["scope"]
        conversations.set_listable(
            conversation=self.context.conversation,
            scope=scope,
            now=self.now,
            performed_by=self.context.attendee,
        )
        return self.done()

    def read_only(self, request: Request, token: str) -> Response:
        """Lock or unlock the conversation."""
        state = self.parameters(ReadOnlyParameters)["state"]
        conversations.set_read_only(
            conversation=self.context.conversation,
            state=state,
            now=self.now,
            performed_by=self.context.attendee,
        )
        return self.done()

    def lobby(self, request: Request, token: str) -> Response:
        """Raise or lower the lobby, and return the conversation."""
        values = self.parameters(LobbyParameters)
        lobby.set_state(
            conversation=self.context.conversation,
            state=values["state"],
            timer=values["timer"],
            now=self.now,
            performed_by=self.context.attendee,
        )
        return self.done(room_data(self, self.visible(), self.lobby_serializers))

    def password(self, request: Request, token: str) -> Response:
        """Set or remove the password."""
        conversations.set_password(
            conversation=self.context.conversation,
            password=self.parameters(PasswordParameters)["password"],
            now=self.now,
            performed_by=self.context.attendee,
        )
        return self.done()

    def recording_consent(self, request: Request, token: str) -> Response:
        """Say whether joining takes the consent to be recorded, and return the conversation."""
        conversations.set_recording_consent(
            conversation=self.context.conversation,
            consent=self.parameters(RecordingConsentParameters)["recordingConsent"],
            now=self.now,
            performed_by=self.context.attendee,
        )
        return self.done(room_data(self, self.visible()))

    def _set_public(self, public: bool) -> Response:
        conversations.set_public(
            conversation=self.context.conversation,
            public=public,
            now=self.now,
            performed_by=self.context.attendee,
        )
        return self.done()
