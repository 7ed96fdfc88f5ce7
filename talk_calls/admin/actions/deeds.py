"""All that operators may do; what it means is the services' business."""

from datetime import datetime
from typing import Any

from django.contrib.admin.models import DELETION

from talk_calls.admin.actions.deed import Deed
from talk_calls.admin.actions.forms import LobbyForm
from talk_calls.constants import DEMOTED, PROMOTED, ActorType, LobbyState, ReadOnly
from talk_calls.exceptions import NoCall
from talk_calls.host import clock
from talk_calls.models import AppPassword, Attendee, Call
from talk_calls.services import (
    app_passwords,
    calls,
    conversations,
    events,
    invitations,
    lobby,
    permissions,
    sessions,
)


def _end(call: Call, *, by: Attendee, now: datetime) -> None:
    if call.conversation is None:
        raise NoCall
    calls.end(conversation=call.conversation, now=now, performed_by=by, call=call.pk)


def _named(attendee: Attendee) -> str:
    """Return the name, and what tells people of the same name apart."""
    who = events.identity(attendee)
    return f"{attendee} ({attendee.get_actor_type_display().lower()} {who['actor_id']})"


def _place(attendee: Attendee) -> str:
    """Return the role and the conversation."""
    role = attendee.get_participant_type_display().lower()
    return f"{role} in {attendee.conversation}"


def _promotable(roles: Any) -> Any:
    kinds = {ActorType.USERS, ActorType.GUESTS}
    return lambda attendee: attendee.participant_type in roles and attendee.actor_type in kinds


END_CALL = Deed(
    name="end_call",
    permission="end_call",
    label="End for everybody",
    title="End calls for everybody?",
    meaning="Everybody is taken out of the call at once. They stay in the conversation, and may "
    "start another call.",
    past="Ended",
    whom=lambda call: "the call",
    do=_end,
    # A live call is another model, of the same rows.
    about=lambda call: Call.objects.get(pk=call.pk),
    fits=lambda call: call.ended_at is None,
)

LOCK = Deed(
    name="lock",
    permission="lock_conversation",
    label="Lock",
    title="Lock conversations?",
    meaning="A running call ends, and nobody can start or join one, moderators included, until "
    "the conversation is unlocked.",
    past="Locked",
    whom=lambda conversation: "the conversation",
    do=lambda conversation, **how: conversations.set_read_only(
        conversation=conversation, state=ReadOnly.READ_ONLY, **how
    ),
    about=lambda conversation: conversation,
    fits=lambda conversation: not (conversation.is_read_only or conversation.is_one_to_one),
)

UNLOCK = Deed(
    name="unlock",
    permission="lock_conversation",
    label="Unlock",
    title="Unlock conversations?",
    meaning="Calls are possible again.",
    past="Unlocked",
    whom=lambda conversation: "the conversation",
    do=lambda conversation, **how: conversations.set_read_only(
        conversation=conversation, state=ReadOnly.READ_WRITE, **how
    ),
    about=lambda conversation: conversation,
    fits=lambda conversation: conversation.is_read_only,
)

LOBBY_ON = Deed(
    name="lobby_on",
    permission="lobby_conversation",
    label="Lobby on",
    title="Raise the lobby?",
    meaning="Everybody but moderators has to wait outside. Whoever is in the call and has to wait "
    "is taken out at once.",
    past="Raised the lobby of",
    whom=lambda conversation: "the conversation",
    do=lambda conversation, **how: lobby.set_state(
        conversation=conversation, state=LobbyState.NON_MODERATORS, **how
    ),
    about=lambda conversation: conversation,
    fits=lambda conversation: (
        not (
            conversation.is_one_to_one
            or conversation.object_type
            or conversation.has_lobby(clock.now())
        )
    ),
    form=LobbyForm,
)

LOBBY_OFF = Deed(
    name="lobby_off",
    permission="lobby_conversation",
    label="Lobby off",
    title="Lower the lobby?",
    meaning="Whoever waits is let in.",
    past="Lowered the lobby of",
    whom=lambda conversation: "the conversation",
    do=lambda conversation, **how: lobby.set_state(
        conversation=conversation, state=LobbyState.NONE, timer=None, **how
    ),
    about=lambda conversation: conversation,
    fits=lambda conversation: conversation.lobby_state != LobbyState.NONE,
)

PROMOTE = Deed(
    name="promote",
    permission="promote_attendee",
    label="Promote",
    title="Make moderators?",
    meaning="Moderators let people in and send them away, end calls, lock the conversation and "
    "raise its lobby.",
    past="Promoted",
    whom=_named,
    do=lambda attendee, **how: permissions.promote(attendee=attendee, **how),
    about=lambda attendee: attendee.conversation,
    detail=_place,
    fits=_promotable(PROMOTED),
)

DEMOTE = Deed(
    name="demote",
    permission="promote_attendee",
    label="Demote",
    title="Take back moderation?",
    meaning="They stay as ordinary attendees. While the lobby is up they have to wait, also if "
    "they are in the call now.",
    past="Demoted",
    whom=_named,
    do=lambda attendee, **how: permissions.demote(attendee=attendee, **how),
    about=lambda attendee: attendee.conversation,
    detail=_place,
    fits=_promotable(DEMOTED),
)

REMOVE_ATTENDEE = Deed(
    name="remove_attendee",
    permission="remove_attendee",
    label="Remove",
    title="Remove attendees?",
    meaning="They leave the call and the conversation at once. A group goes with everybody who "
    "came only with it. In a public conversation they may come back by its link.",
    past="Removed",
    whom=_named,
    do=lambda attendee, **how: invitations.expel_anybody(attendee=attendee, **how),
    about=lambda attendee: attendee.conversation,
    detail=_place,
    fits=lambda attendee: not attendee.conversation.is_one_to_one,
    keeps=False,
)

REMOVE_SESSION = Deed(
    name="remove_session",
    permission="remove_session",
    label="Disconnect",
    title="Disconnect devices?",
    meaning="The device leaves the call and the conversation at once. Nobody is kept from coming "
    "back; guests stop being attendees with their last device.",
    past="Disconnected",
    whom=lambda session: f"{session} of {_named(session.attendee)}",
    do=lambda session, **how: sessions.remove(session=session, **how),
    about=lambda session: session.conversation,
    detail=lambda session: f"{session.attendee}, {_place(session.attendee)}",
    keeps=False,
)


def _revoke(app_password: AppPassword, *, by: Attendee, now: datetime) -> None:
    app_passwords.revoke(app_password)


REVOKE_APP_PASSWORD = Deed(
    name="revoke",
    permission="revoke_apppassword",
    label="Revoke",
    title="Revoke app passwords?",
    meaning="The clients that use them are logged out at once and have to log in again.",
    past="Revoked",
    whom=lambda app_password: f"the app password of {app_password.user}",
    do=_revoke,
    about=lambda app_password: app_password,
    detail=lambda app_password: str(app_password.user),
    flag=DELETION,
    keeps=False,
)

CONVERSATION_DEEDS = (LOCK, UNLOCK, LOBBY_ON, LOBBY_OFF)
ATTENDEE_DEEDS = (PROMOTE, DEMOTE, REMOVE_ATTENDEE)
