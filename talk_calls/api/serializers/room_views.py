"""What a caller may see of a conversation: the values behind the room object."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from talk_calls import policies
from talk_calls.api.serializers.messages import MESSAGE_SERIALIZERS, Message
from talk_calls.api.serializers.participants import MEMBER_SERIALIZERS, Participant
from talk_calls.api.serializers.types import unix_time
from talk_calls.conf import conf
from talk_calls.constants import (
    NO_SESSION_ID,
    ActorType,
    ConversationType,
    InCallFlag,
    NotificationLevel,
)
from talk_calls.host.actors import HostUser
from talk_calls.models import Attendee, Conversation, Session
from talk_calls.ocs.json_types import JSON
from talk_calls.policies import Situation
from talk_calls.services import participants

_NAME_LENGTH = 64

_member_entry = MEMBER_SERIALIZERS["v1"]
_message = MESSAGE_SERIALIZERS["v1"]


@dataclass(frozen=True, slots=True)
class Room:
    """What a room object is made of: ``members`` where the version needs them, else empty.

    ``absent`` is the other user of a one-to-one who does not belong to it now: who left it, or who
    joins it with the first call.
    """

    situation: Situation
    members: Sequence[Attendee] = ()
    absent: HostUser | None = None


@dataclass(slots=True)
class OutsideView:
    """A conversation as somebody sees it who does not belong to it.

    ``waits`` is True for a participant whom the lobby keeps out.
    """

    situation: Situation
    conversation: Conversation
    name: str
    display_name: str
    has_lobby: bool
    waits: bool = False


@dataclass(slots=True, kw_only=True)
class InsideView(OutsideView):
    """A conversation as a participant sees it."""

    attendee: Attendee
    session: Session | None
    members: Sequence[Attendee]


def outside_view(situation: Situation) -> OutsideView:
    """Return the view of somebody who does not belong to the conversation."""
    conversation = situation.conversation
    return OutsideView(
        situation=situation,
        conversation=conversation,
        name=conversation.name,
        display_name=conversation.name,
        has_lobby=conversation.has_lobby(situation.now),
    )


def inside_view(room: Room, attendee: Attendee) -> InsideView:
    """Return the view of a participant."""
    situation = room.situation
    conversation = situation.conversation
    name, display_name = _names(room, attendee)
    return InsideView(
        situation=situation,
        conversation=conversation,
        name=name,
        display_name=display_name,
        has_lobby=conversation.has_lobby(situation.now),
        waits=policies.is_past_lobby(situation) is not None,
        attendee=attendee,
        session=situation.session,
        members=room.members,
    )


def _names(room: Room, attendee: Attendee) -> tuple[str, str]:
    """Return the raw name and the name to show, which for a one-to-one is the other user's."""
    conversation = room.situation.conversation
    if conversation.is_former:
        return conversation.name, conversation.name or _("Deleted account")
    if conversation.name and not conversation.is_one_to_one:
        return conversation.name, conversation.name
    unnamed = {ActorType.GROUPS, ActorType.EMAILS}  # the name of an invitee is their address
    others = [
        member
        for member in room.members
        if member.actor_type not in unnamed and member.pk != attendee.pk
    ]
    if conversation.is_one_to_one and others:
        return others[0].user_name or "", _display_name(others[0])
    if conversation.is_one_to_one:
        return _names_of(room.absent)
    return "", ", ".join(sorted(map(_display_name, others)))[:_NAME_LENGTH]


def _names_of(user: HostUser | None) -> tuple[str, str]:
    if user is None:
        return "", ""
    user_id = conf.directory.user_id(user)
    return user_id, participants.name_of(user) or user_id


def _display_name(member: Attendee) -> str:
    return member.display_name or member.user_name or ""


def actor_id(view: InsideView) -> str:
    """Return the name of the calling user, or the id of the guest."""
    user = view.attendee.user
    return conf.directory.user_id(user) if user is not None else view.attendee.actor_id


def in_call_flags(view: InsideView) -> int:
    """Return the flags of the calling session."""
    session = view.session
    return session.flags_at(view.situation.now) if session else InCallFlag.DISCONNECTED


def is_in_call(view: InsideView) -> bool:
    """Tell whether the calling session takes part in the call."""
    return bool(in_call_flags(view) & InCallFlag.IN_CALL)


def last_ping(view: InsideView) -> int:
    """Return the last ping of the calling session; 0 without one."""
    return unix_time(view.session.last_ping) if view.session else 0


def session_id(view: InsideView) -> str:
    """Return the id of the calling session."""
    return view.session.session_id if view.session else NO_SESSION_ID


def notification_level(view: InsideView) -> int:
    """Return what the participant chose, or the usual level (constants 2.4)."""
    attendee = view.attendee
    if attendee.notification_level is not None:
        return attendee.notification_level
    if attendee.is_guest:
        return NotificationLevel.NEVER.value
    if view.conversation.is_one_to_one:
        return NotificationLevel.ALWAYS.value
    return NotificationLevel.MENTION.value


def can_start_call(view: InsideView) -> bool:
    """Tell whether the participant may start a call now."""
    return not view.waits and policies.can_start_calls(view.conversation, view.attendee)


def can_leave(view: InsideView) -> bool:
    """Tell whether the participant has a membership to give up."""
    return policies.can_leave_conversation(view.conversation, view.attendee)


def can_delete(view: InsideView) -> bool:
    """Tell whether the participant may delete the conversation."""
    return policies.can_delete_conversation(view.conversation, view.attendee)


def permissions(view: InsideView) -> int:
    """Return what the participant may do, whichever level says so."""
    return policies.permissions_of(view.conversation, view.attendee)


def notification_calls(view: InsideView) -> int:
    """Return 1 if calls are announced to the participant, else 0."""
    return int(view.attendee.notification_calls)


def recording_consent(view: InsideView) -> int:
    """Return 1 if joining a call takes the consent to be recorded, else 0."""
    return int(policies.needs_consent(view.conversation))


def type_before_v4(view: OutsideView) -> int:
    """Return the type; versions that know no former one-to-one see a group, which is locked."""
    conversation = view.conversation
    return ConversationType.GROUP.value if conversation.is_former else conversation.type


def has_password(view: OutsideView) -> bool:
    """Tell whether newcomers need a password."""
    return bool(view.conversation.password)


def last_activity(view: OutsideView) -> int:
    """Return when something last happened in the conversation."""
    return unix_time(view.conversation.last_activity_at)


def lobby_state(view: OutsideView) -> int:
    """Return 1 while the lobby is up, else 0."""
    return int(view.has_lobby)


def has_call(view: OutsideView) -> bool:
    """Tell whether a call is running."""
    return view.situation.has_call


def has_call_past_lobby(view: OutsideView) -> bool:
    """Tell whether a call is running that whoever waits in the lobby must not hear of."""
    return view.situation.has_call and not view.waits


def call_flags(view: OutsideView) -> int:
    """Return the combined flags of all who are in the call; 0 without a call."""
    return (view.conversation.call_flags or 0) if view.situation.has_call else 0


def call_flags_past_lobby(view: OutsideView) -> int:
    """Return the combined flags; 0 for a caller who waits in the lobby."""
    return 0 if view.waits else call_flags(view)


def call_started_at(view: InsideView) -> int:
    """Return when the call began; 0 without one, and for a caller who waits in the lobby."""
    started_at = view.conversation.call_started_at if has_call_past_lobby(view) else None
    return unix_time(started_at) if started_at else 0


def lobby_timer(view: OutsideView) -> int:
    """Return when the lobby falls by itself; 0 for never, and without a lobby."""
    timer = view.conversation.lobby_timer if view.has_lobby else None
    return unix_time(timer) if timer else 0


def newest_message_id(view: InsideView) -> int:
    """Return the number of the newest message, to which everybody has read; 0 without one."""
    newest = None if view.waits else view.conversation.newest_message
    return newest.pk if newest else 0


def newest_message(view: InsideView) -> JSON:
    """Return the newest message; an empty list without one, and for who waits in the lobby."""
    newest = None if view.waits else view.conversation.newest_message
    if newest is None:
        return []
    return _message(Message(newest, view.conversation.token, view.attendee))


def online_guests(view: InsideView) -> int:
    """Return how many guests are online."""
    return len([member for member in view.members if member.is_guest and member.acting])


def participants_by_name(view: InsideView) -> JSON:
    """Return the users by name, newest ping first; an empty list if there is nobody to see.

    Nobody sees them from the lobby.
    """
    if view.waits:
        return []
    now = view.situation.now
    users = [member for member in view.members if member.actor_type == ActorType.USERS]
    users.sort(key=lambda user: user.acting.last_ping.timestamp() if user.acting else 0)
    entries = {
        user.user_name or "": _member_entry(Participant(user, now)) for user in reversed(users)
    }
    return entries or []
