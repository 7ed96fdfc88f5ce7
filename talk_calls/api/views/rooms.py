"""Conversations: the room object, what is found in lists, and one as a whole (behaviour 6)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import capabilities, situations
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.parameters import SearchParameters
from talk_calls.api.serializers.room_parameters import RenameParameters
from talk_calls.api.serializers.room_views import Room
from talk_calls.api.serializers.rooms import ROOM_SERIALIZERS
from talk_calls.api.versioning import NAMES_IN_BYTES
from talk_calls.api.views.base import Serializers, TalkViewSet, VisibleConversationViewSet
from talk_calls.constants import RENAME_MAX_BYTES
from talk_calls.exceptions import InvalidValue, NoSuchConversation
from talk_calls.host import user_model
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation
from talk_calls.policies import Situation
from talk_calls.services import conversations

#: Changes when clients are to read the capabilities anew (behaviour 2.8).
HASH_HEADER = "X-Nextcloud-Talk-Hash"


def rooms_of(found: Sequence[Situation], version: str) -> list[Room]:
    """Return what the room shape of ``version`` needs, with one query for all members.

    v1 carries the participants of every conversation; elsewhere members only name the nameless.
    One more query names those who are no attendees of their one-to-one.
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
    absent = _absent_users([each.conversation for each in found], members)
    return [
        Room(each, members[each.conversation.pk], absent.get(each.conversation.pk))
        for each in found
    ]


def _absent_users(
    conversations: Sequence[Conversation], members: Mapping[int, Sequence[Attendee]]
) -> dict[int, HostUser]:
    """Return the user of each one-to-one who is no attendee, by conversation."""
    missing = {
        conversation.pk: pk
        for conversation in conversations
        if (there := {str(member.user_id) for member in members.get(conversation.pk, ())})
        for pk in conversation.pair
        if pk not in there
    }
    if not missing:
        return {}
    users = {str(user.pk): user for user in user_model.users().filter(pk__in=missing.values())}
    return {key: users[pk] for key, pk in missing.items() if pk in users}


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
