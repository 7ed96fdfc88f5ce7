"""What operators may do to a conversation."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.forms import LobbyForm, ReasonForm
from talk_calls.constants import LobbyState, ReadOnly
from talk_calls.host import clock
from talk_calls.models import Attendee, Conversation
from talk_calls.services import conversations, lobby


class ConversationAction(AdminAction[Conversation]):
    """Base of the actions on conversations."""

    def log_name(self, obj: Conversation) -> str:
        return "the conversation"


class Lock(ConversationAction):
    """End the call of a conversation and prevent further calls."""

    name = "lock"
    permission = "lock_conversation"
    label = _("Lock")
    title = _("Lock conversations?")
    description = _(
        "A running call ends. Nobody, moderators included, can start or join a call until the "
        "conversation is unlocked."
    )
    log_label = _("Locked")

    def is_applicable(self, obj: Conversation) -> bool:
        return not (obj.is_read_only or obj.is_one_to_one)

    def execute(
        self, obj: Conversation, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        state = ReadOnly.READ_ONLY
        conversations.set_read_only(conversation=obj, state=state, performed_by=operator, now=now)


class Unlock(ConversationAction):
    """Allow calls in a locked conversation."""

    name = "unlock"
    permission = "lock_conversation"
    label = _("Unlock")
    title = _("Unlock conversations?")
    description = _("Calls are possible again.")
    log_label = _("Unlocked")

    def is_applicable(self, obj: Conversation) -> bool:
        return obj.is_read_only and not obj.is_former

    def execute(
        self, obj: Conversation, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        state = ReadOnly.READ_WRITE
        conversations.set_read_only(conversation=obj, state=state, performed_by=operator, now=now)


class RaiseLobby(ConversationAction):
    """Send everybody but moderators to the lobby, until a time if one is given."""

    name = "lobby_on"
    permission = "lobby_conversation"
    label = _("Lobby on")
    title = _("Raise the lobby?")
    description = _(
        "Everybody but moderators has to wait in the lobby. Those who are in the call and have to "
        "wait leave it at once."
    )
    log_label = _("Raised the lobby of")
    form_class = LobbyForm

    def is_applicable(self, obj: Conversation) -> bool:
        is_allowed = not (obj.is_one_to_one or obj.object_type)
        return is_allowed and not obj.has_lobby(clock.now())

    def execute(
        self, obj: Conversation, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        lobby.set_state(
            conversation=obj,
            state=LobbyState.NON_MODERATORS,
            timer=form.cleaned_data["until"],
            performed_by=operator,
            now=now,
        )


class LowerLobby(ConversationAction):
    """Let everybody in who waits in the lobby."""

    name = "lobby_off"
    permission = "lobby_conversation"
    label = _("Lobby off")
    title = _("Lower the lobby?")
    description = _("Everybody who waits in the lobby is let in.")
    log_label = _("Lowered the lobby of")

    def is_applicable(self, obj: Conversation) -> bool:
        return obj.lobby_state != LobbyState.NONE

    def execute(
        self, obj: Conversation, *, operator: Attendee, now: datetime, form: ReasonForm
    ) -> None:
        lobby.set_state(
            conversation=obj, state=LobbyState.NONE, timer=None, performed_by=operator, now=now
        )
