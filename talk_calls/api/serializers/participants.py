"""Who belongs to a conversation (behaviour 7.1), and what inviting somebody makes of it."""

from dataclasses import dataclass
from datetime import datetime

from talk_calls import names, policies
from talk_calls.api.serializers.json_types import TEXT, list_of
from talk_calls.api.serializers.tables import (
    FROM_V3,
    TO_V2,
    TO_V3,
    V1,
    V4,
    Field,
    Table,
    Type,
    serializers_of,
)
from talk_calls.api.serializers.types import (
    ACTOR_ID,
    ACTOR_TYPE,
    ATTENDEE_ID,
    IN_CALL_FLAGS,
    IN_CALL_FLAGS_TEXT,
    LEVEL_PERMISSIONS,
    PERMISSIONS,
    PERMISSIONS_TEXT,
    PERSON_NAME,
    ROLE,
    ROLE_TEXT,
    SESSION_ID,
    TOKEN,
    UNIX_TIME,
    constant,
    unix_time,
)
from talk_calls.constants import NO_SESSION_ID, ActorType, ConversationType, InCallFlag
from talk_calls.models import Attendee, Conversation

SESSION_IDS = Type(list_of(TEXT), [SESSION_ID.example])


@dataclass(slots=True)
class Participant:
    """An attendee as of ``now``, loaded by ``AttendeeQuerySet.members``."""

    attendee: Attendee
    now: datetime


def _token(participant: Participant) -> str:
    return participant.attendee.conversation.token


def _attendee_id(participant: Participant) -> int:
    return participant.attendee.pk


def _actor_type(participant: Participant) -> str:
    return participant.attendee.actor_type


def _role(participant: Participant) -> int:
    attendee = participant.attendee
    return policies.role_of(attendee.conversation, attendee)


def _user_id(participant: Participant) -> str:
    return participant.attendee.user_name or ""


def _actor_id(participant: Participant) -> str:
    attendee = participant.attendee
    if attendee.user_name:
        return attendee.user_name
    is_group = attendee.actor_type == ActorType.GROUPS
    return attendee.display_name if is_group else attendee.actor_id


def _flags_of_acting_session(participant: Participant) -> int:
    session = participant.attendee.acting
    return session.flags_at(participant.now) if session else InCallFlag.DISCONNECTED


def _flags_of_all_sessions(participant: Participant) -> int:
    now = participant.now
    flags = InCallFlag.DISCONNECTED
    for session in participant.attendee.devices:
        flags |= session.flags_at(now)
    return flags


def _last_ping(participant: Participant) -> int:
    session = participant.attendee.acting
    return unix_time(session.last_ping) if session else 0


def _session_id(participant: Participant) -> str:
    session = participant.attendee.acting
    return session.session_id if session else NO_SESSION_ID


def _session_ids(participant: Participant) -> list[str]:
    return [session.session_id for session in participant.attendee.devices]


def _display_name(participant: Participant) -> str:
    attendee = participant.attendee
    if attendee.actor_type == ActorType.GROUPS:  # by its name as it is, the site finds the group
        return names.cleaned(attendee.display_name) or attendee.actor_id
    return attendee.display_name or _user_id(participant)


def _own_permissions(participant: Participant) -> int:
    return participant.attendee.permissions


def _permissions(participant: Participant) -> int:
    attendee = participant.attendee
    return policies.permissions_of(attendee.conversation, attendee)


#: Somebody who belongs to a conversation.
PARTICIPANT: Table[Participant] = (
    Field("roomToken", _token, TOKEN, "Token of the conversation.", V4),
    Field("userId", _user_id, ACTOR_ID, "Name of the user; empty for everybody else.", TO_V2),
    Field("attendeeId", _attendee_id, ATTENDEE_ID, "Number of the membership.", FROM_V3),
    Field("actorType", _actor_type, ACTOR_TYPE, "What the attendee is.", FROM_V3),
    Field(
        "actorId",
        _actor_id,
        ACTOR_ID,
        "Name of the user or group, id of the guest, e-mail address or id of the invitee.",
        FROM_V3,
    ),
    constant("attendeePin", "", "Always empty: there is no dial-in.", FROM_V3),
    Field("inCall", _flags_of_acting_session, IN_CALL_FLAGS, IN_CALL_FLAGS_TEXT, TO_V3),
    Field("inCall", _flags_of_all_sessions, IN_CALL_FLAGS, IN_CALL_FLAGS_TEXT, V4),
    Field("lastPing", _last_ping, UNIX_TIME, "When a device was last heard of; 0 without one."),
    Field("sessionId", _session_id, SESSION_ID, "Id of the session; 0 without one.", TO_V3),
    Field("sessionIds", _session_ids, SESSION_IDS, "Ids of the sessions, one per device.", V4),
    Field("participantType", _role, ROLE, ROLE_TEXT),
    Field("displayName", _display_name, PERSON_NAME, "Name to show; guests may have none."),
    Field("permissions", _permissions, PERMISSIONS, f"What counts. {PERMISSIONS_TEXT}", V4),
    Field(
        "attendeePermissions",
        _own_permissions,
        LEVEL_PERMISSIONS,
        "Those of the attendee alone.",
        V4,
    ),
)

#: A user in v1's map of participants (behaviour 6.3).
MEMBER: Table[Participant] = (
    Field("name", _display_name, PERSON_NAME, "Name to show.", V1),
    Field("type", _role, ROLE, ROLE_TEXT, V1),
    Field("call", _flags_of_acting_session, IN_CALL_FLAGS.showing(0), IN_CALL_FLAGS_TEXT, V1),
    Field("sessionId", _session_id, SESSION_ID, "Id of the session; 0 without one.", V1),
)

#: What inviting an e-mail address made of the conversation.
PUBLISHED: Table[Conversation] = (constant("type", ConversationType.PUBLIC.value, "Now public."),)

#: The serializers of these objects by version.
PARTICIPANT_SERIALIZERS = serializers_of(PARTICIPANT)
MEMBER_SERIALIZERS = serializers_of(MEMBER)
PUBLISHED_SERIALIZERS = serializers_of(PUBLISHED)
