"""What each action reads, returns and refuses, beyond what its permission classes say.

An action without a line here fails with a KeyError when the document is made. The tests hold the
form against the one that the action really reads, and the answers against real ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any

from rest_framework.serializers import Serializer

from talk_calls import exceptions
from talk_calls.api.serializers import parameters
from talk_calls.api.views import (
    avatars,
    calls,
    participants,
    permissions,
    rooms,
    sessions,
    signaling,
)
from talk_calls.api.views.base import Forms, TalkViewSet
from talk_calls.exceptions import TalkError

Form = type[Serializer[Any]]


class Answer(Enum):
    """What the data of an answer is."""

    NOTHING = "Done."
    ROOM = "The conversation as the caller sees it."
    ROOMS = "Conversations as the caller sees them."
    PEERS = "Everybody who is connected to the call, newest ping first."
    PARTICIPANTS = "Everybody who belongs to the conversation."
    INVITED = "Done; `type` is told if the conversation became public by it."
    PICTURE = "An SVG picture."
    SIGNALING = "How to signal, and which servers help."
    NEWS = "Messages in the order in which they were sent, and at the end who is there."
    FILE = "A CSV file. Who asks for `format=csv` is refused without a body."


@dataclass(frozen=True, slots=True)
class Operation:
    """One action: its parameters, its answers by status, and the refusals of its own.

    ``v1_as_v2`` is True where v1 answers with the room object of v2 (behaviour 6.3).
    ``endings`` are refusals with an empty ``usersInRoom`` for data: why, by status.
    """

    tag: str
    form: Form | Forms | None = None
    answers: Mapping[HTTPStatus, Answer] = field(
        default_factory=lambda: {HTTPStatus.OK: Answer.NOTHING}
    )
    refusals: tuple[type[TalkError], ...] = ()
    headers: tuple[str, ...] = ()
    v1_as_v2: bool = False
    endings: Mapping[HTTPStatus, str] = field(default_factory=dict)

    def form_of(self, version: str) -> Form | None:
        """Return the form that a version reads."""
        return self.form[version] if isinstance(self.form, Mapping) else self.form


def _ok(answer: Answer) -> Mapping[HTTPStatus, Answer]:
    return {HTTPStatus.OK: answer}


CALLS, ROOMS, PEOPLE, DEVICES = "calls", "conversations", "participants", "sessions"
SIGNALING = "signaling"

#: The tags of the operations, and what they are about.
TAGS = {
    CALLS: "The call of a conversation.",
    ROOMS: "Conversations, and what moderators or users say about them.",
    PEOPLE: "Who belongs to a conversation, and what they may do.",
    DEVICES: "Being online in a conversation.",
    SIGNALING: "What devices say to each other, and news of who is there.",
}

_HASH = "X-Nextcloud-Talk-Hash"
_CREATED = {HTTPStatus.CREATED: Answer.ROOM, HTTPStatus.OK: Answer.ROOM}
_INVALID = (exceptions.InvalidValue,)
_TARGET = (exceptions.NoSuchTarget,)
_ROLE = Operation(
    PEOPLE,
    participants.ParticipantViewSet.targets,
    refusals=(*_TARGET, exceptions.NotPromotable, exceptions.NotOneself),
)
_EXPEL = (*_INVALID, *_TARGET, exceptions.NotOneself)
_JOIN_CALL = (
    exceptions.ConsentNeeded,
    exceptions.NoSession,
    exceptions.MayNotStartCall,
)
_CREATE = (*_INVALID, *_TARGET, exceptions.CannotInviteOneself)

OPERATIONS: dict[tuple[type[TalkViewSet], str], Operation] = {
    (calls.CallViewSet, "list"): Operation(CALLS, answers=_ok(Answer.PEERS)),
    (calls.CallViewSet, "join"): Operation(
        CALLS, parameters.JoinCallParameters, refusals=_JOIN_CALL
    ),
    (calls.CallViewSetV4, "join"): Operation(
        CALLS, parameters.JoinCallParametersV4, refusals=_JOIN_CALL
    ),
    (calls.CallViewSet, "leave"): Operation(CALLS),
    (calls.CallViewSetV4, "leave"): Operation(CALLS, parameters.LeaveCallParametersV4),
    (calls.CallViewSetV4, "change_flags"): Operation(
        CALLS, parameters.ChangeFlagsParameters, refusals=(exceptions.NotInCall,)
    ),
    (calls.CallViewSetV4, "ring"): Operation(
        CALLS,
        refusals=(
            exceptions.MayNotStartCall,
            exceptions.NoCall,
            exceptions.NotRingable,
            exceptions.NoSuchTarget,
        ),
    ),
    (calls.CallStateViewSet, "notification"): Operation(
        CALLS, answers={HTTPStatus.OK: Answer.NOTHING, HTTPStatus.CREATED: Answer.NOTHING}
    ),
    (calls.CallDownloadViewSet, "download"): Operation(
        CALLS,
        parameters.DownloadParameters,
        answers=_ok(Answer.FILE),
        refusals=(exceptions.NoCall,),
        headers=("Content-Disposition",),
    ),
    (avatars.AvatarViewSet, "retrieve"): Operation(
        ROOMS, answers=_ok(Answer.PICTURE), refusals=(exceptions.NoSuchConversation,)
    ),
    (rooms.RoomListViewSet, "list"): Operation(ROOMS, answers=_ok(Answer.ROOMS), headers=(_HASH,)),
    (rooms.RoomListViewSetV4, "list"): Operation(
        ROOMS,
        parameters.ListRoomsParametersV4,
        answers=_ok(Answer.ROOMS),
        headers=(_HASH, "X-Nextcloud-Talk-Modified-Before"),
    ),
    (rooms.RoomListViewSet, "create"): Operation(
        ROOMS, parameters.CreateRoomParameters, answers=_CREATED, refusals=_CREATE
    ),
    (rooms.RoomListViewSetV4, "create"): Operation(
        ROOMS,
        parameters.CreateRoomParametersV4,
        answers=_CREATED,
        refusals=(*_CREATE, exceptions.NotPublic, exceptions.ConsentNotOffered),
    ),
    (rooms.RoomListViewSet, "listed"): Operation(
        ROOMS, parameters.SearchParameters, answers=_ok(Answer.ROOMS), headers=(_HASH,)
    ),
    (rooms.RoomViewSet, "retrieve"): Operation(
        ROOMS,
        answers=_ok(Answer.ROOM),
        refusals=(exceptions.NoSuchConversation,),
        headers=(_HASH,),
    ),
    (rooms.RoomViewSet, "rename"): Operation(ROOMS, parameters.RenameParameters, refusals=_INVALID),
    (rooms.RoomViewSet, "delete"): Operation(ROOMS),
    (rooms.RoomSettingsViewSet, "describe"): Operation(
        ROOMS, parameters.DescriptionParameters, refusals=_INVALID
    ),
    (rooms.RoomSettingsViewSet, "publish"): Operation(ROOMS, refusals=_INVALID),
    (rooms.RoomSettingsViewSet, "unpublish"): Operation(ROOMS, refusals=_INVALID),
    (rooms.RoomSettingsViewSet, "listable"): Operation(
        ROOMS, parameters.ListableParameters, refusals=_INVALID
    ),
    (rooms.RoomSettingsViewSet, "read_only"): Operation(
        ROOMS, parameters.ReadOnlyParameters, refusals=_INVALID
    ),
    (rooms.RoomSettingsViewSet, "lobby"): Operation(
        ROOMS,
        parameters.LobbyParameters,
        answers=_ok(Answer.ROOM),
        refusals=_INVALID,
        v1_as_v2=True,
    ),
    (rooms.RoomSettingsViewSet, "password"): Operation(
        ROOMS, parameters.PasswordParameters, refusals=(exceptions.NotPublic,)
    ),
    (rooms.RoomSettingsViewSet, "recording_consent"): Operation(
        ROOMS,
        parameters.RecordingConsentParameters,
        answers=_ok(Answer.ROOM),
        refusals=(exceptions.ConsentNotOffered, exceptions.CallRunning),
    ),
    (sessions.ActiveSessionViewSet, "join"): Operation(
        DEVICES,
        parameters.JoinRoomParameters,
        answers=_ok(Answer.ROOM),
        refusals=(
            exceptions.NoSuchConversation,
            exceptions.WrongPassword,
            exceptions.SessionConflict,
        ),
    ),
    (sessions.ActiveSessionViewSet, "leave"): Operation(DEVICES),
    (sessions.ActiveSessionViewSetV4, "set_state"): Operation(
        DEVICES, parameters.SessionStateParameters, answers=_ok(Answer.ROOM)
    ),
    (signaling.SignalingSettingsViewSet, "retrieve"): Operation(
        SIGNALING,
        parameters.SignalingSettingsParameters,
        answers=_ok(Answer.SIGNALING),
        refusals=(exceptions.NoSuchConversation,),
    ),
    (signaling.SignalingViewSet, "send"): Operation(
        SIGNALING, parameters.SendMessagesParameters, refusals=(exceptions.MailboxFull,)
    ),
    (signaling.SignalingViewSet, "pull"): Operation(
        SIGNALING,
        parameters.PollParameters,
        answers=_ok(Answer.NEWS),
        endings={
            HTTPStatus.NOT_FOUND: "The caller is not online in the conversation, or it is gone.",
            HTTPStatus.CONFLICT: "While waiting, the session went; its attendee may join anew.",
        },
    ),
    (participants.ParticipantViewSet, "list"): Operation(PEOPLE, answers=_ok(Answer.PARTICIPANTS)),
    (participants.ParticipantViewSet, "add"): Operation(
        PEOPLE,
        parameters.AddParticipantParameters,
        answers=_ok(Answer.INVITED),
        refusals=(*_INVALID, *_TARGET),
    ),
    (participants.ParticipantViewSet, "resend"): Operation(
        PEOPLE, parameters.ResendParameters, refusals=_TARGET
    ),
    (participants.ParticipantViewSet, "remove_user"): Operation(
        PEOPLE,
        parameters.RemoveUserParameters,
        refusals=(
            exceptions.NotModerator,
            exceptions.OwnerStays,
            exceptions.LastModerator,
            *_EXPEL,
        ),
    ),
    (participants.ParticipantViewSet, "remove_guest"): Operation(
        PEOPLE, parameters.RemoveGuestParameters, refusals=_EXPEL
    ),
    (participants.ParticipantViewSet, "remove_attendee"): Operation(
        PEOPLE, parameters.TargetParametersV4, refusals=(*_EXPEL, exceptions.OwnerStays)
    ),
    (participants.ParticipantViewSet, "remove_self"): Operation(
        PEOPLE, refusals=(exceptions.LastModerator,)
    ),
    (participants.ParticipantViewSet, "promote"): _ROLE,
    (participants.ParticipantViewSet, "demote"): _ROLE,
    (permissions.PermissionViewSet, "of_attendee"): Operation(
        PEOPLE, parameters.AttendeePermissionsParameters, refusals=(*_INVALID, *_TARGET)
    ),
    (permissions.PermissionViewSet, "of_everybody"): Operation(
        PEOPLE,
        parameters.ChangePermissionsParameters,
        answers=_ok(Answer.ROOM),
        refusals=_INVALID,
    ),
    (permissions.PermissionViewSet, "of_level"): Operation(
        PEOPLE, parameters.PermissionsParameters, answers=_ok(Answer.ROOM), refusals=_INVALID
    ),
    (participants.OwnViewSet, "favor"): Operation(ROOMS),
    (participants.OwnViewSet, "disfavor"): Operation(ROOMS),
    (participants.OwnViewSet, "notify"): Operation(ROOMS, parameters.NotifyParameters),
    (participants.OwnViewSet, "notify_calls"): Operation(ROOMS, parameters.NotifyCallsParameters),
    (participants.GuestViewSet, "rename"): Operation(
        PEOPLE, parameters.GuestNameParameters, refusals=(exceptions.NotGuest,)
    ),
}


def operation_of(viewset: type[TalkViewSet], action: str) -> Operation:
    """Return what is said of an action, or of the one that it inherits; else a KeyError."""
    for owner in viewset.__mro__:
        if found := OPERATIONS.get((owner, action)):
            return found
    raise KeyError(f"{viewset.__name__}.{action} has no line in {__name__}")
