"""``/room``: the caller's conversations, and making one (behaviour 6.1, 6.2)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from talk_calls import policies
from talk_calls.api import situations
from talk_calls.api.operations import Data, Operation
from talk_calls.api.serializers.parameters import ListRoomsParametersV4
from talk_calls.api.serializers.room_parameters import (
    SETTINGS,
    CreateRoomParameters,
    CreateRoomParametersV4,
)
from talk_calls.api.throttling import rates
from talk_calls.api.versioning import NAMES_IN_BYTES, PAIRED_AT_ONCE
from talk_calls.api.views.base import TalkViewSet
from talk_calls.api.views.rooms import HASH_HEADER, list_of_rooms, room_data
from talk_calls.constants import MOST_INVITEES, NAME_MAX_BYTES, ConversationType
from talk_calls.exceptions import (
    CannotInviteOneself,
    ConversationFull,
    InvalidSetting,
    MayNotBeInvited,
    MayNotCreate,
    MayNotInvite,
    MayNotMakeListable,
    MayNotMakePublic,
    NoSuchTarget,
    PasswordNeeded,
    ServerBusy,
)
from talk_calls.host import lookups
from talk_calls.models import Conversation
from talk_calls.ocs import failures
from talk_calls.services import conversation_options, creation, invitations
from talk_calls.services.conversation_options import ConversationOptions
from talk_calls.services.invited_people import Invited

#: What to ask for next as ``modifiedSince``.
MODIFIED_HEADER = "X-Nextcloud-Talk-Modified-Before"

_CREATED = {HTTPStatus.CREATED: Data.ROOM, HTTPStatus.OK: Data.ROOM}
_NOT_CREATED = (
    InvalidSetting,
    NoSuchTarget,
    CannotInviteOneself,
    MayNotCreate,
    MayNotInvite,
    MayNotBeInvited,
    PasswordNeeded,
)

#: A change shortly before an answer may not be committed yet; clients ask from so much earlier.
_OVERLAP = timedelta(seconds=10)


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
        if kind == ConversationType.ONE_TO_ONE:
            return self._create_one_to_one(invite)
        rates.count_conversation(self.user)
        given: dict[str, Any] = {
            "owner": self.user,
            "created_by": self.user,
            "invited": self._invited(values.pop("participants", {})),
        }
        values.pop("sipEnabled", None)
        given["options"] = ConversationOptions(**values)
        if kind == ConversationType.GROUP and invite:
            return creation.create_from_group(group_id=invite, source=source, **given), True
        most_bytes = NAME_MAX_BYTES if self.version in NAMES_IN_BYTES else None
        return creation.create(kind=kind, name=name, most_bytes=most_bytes, **given), True

    def _create_one_to_one(self, invite: str) -> tuple[Conversation, bool]:
        other = lookups.find_user(invite, viewer=self.user)
        # Asked and counted for nobody as well, so that who is hidden is like who is unknown.
        if not creation.have_one_to_one(self.user, other or self.user):
            rates.count_conversation(self.user)
        return creation.create_one_to_one(
            user=self.user,
            other=other,
            created_by=self.user,
            both=self.version in PAIRED_AT_ONCE,
        )

    def _invited(self, people: Mapping[str, Sequence[str]]) -> Invited:
        """Return whom to invite; mails are counted before the work, and bounded by it."""
        given = people.get("emails", [])[: MOST_INVITEES + 1]
        with conversation_options.named("participants"):
            addresses = invitations.checked_addresses(given)  # a mailbox has many spellings
        rates.count_mails(self.request._request, sender=self.user, conversation=None, to=addresses)
        return Invited(
            user_ids=people.get("users", ()),
            group_ids=people.get("groups", ()),
            addresses=addresses,
            site=self.request.build_absolute_uri("/"),
        )


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
        refusals=(
            *_NOT_CREATED,
            MayNotMakePublic,
            MayNotMakeListable,
            ConversationFull,
            ServerBusy,
        ),
    )
    def create(self, request: Request) -> Response:
        try:
            self.parameters  # noqa: B018 -- reads and checks them
        except ValidationError as error:
            name = str(next(iter(error.detail)))
            message = failures.first_message(error.detail)
            raise InvalidSetting(message, code=SETTINGS[name]) from error
        return super().create(request)
