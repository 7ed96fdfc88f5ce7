"""Raising and lowering the lobby (behaviour 6.6)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from talk_calls import policies
from talk_calls.constants import LegReason, LobbyState
from talk_calls.db.retries import retried
from talk_calls.exceptions import InvalidValue
from talk_calls.models import Attendee, Conversation
from talk_calls.services import locking


@retried
def set_state(
    *,
    conversation: Conversation,
    state: LobbyState,
    timer: datetime | None,
    now: datetime | None = None,
    performed_by: Attendee | None = None,
) -> None:
    """Set the lobby for ``performed_by``; ``timer`` is when it opens by itself, None for never.

    Raising it takes everybody who now has to wait out of the call. Raises ``InvalidValue`` for
    one-to-one conversations and those that belong to an object (behaviour 6.6).
    """
    if conversation.is_one_to_one:
        raise InvalidValue(_("A one-to-one conversation has no lobby."))
    if state == LobbyState.NONE:
        timer = None
    elif conversation.object_type:
        raise InvalidValue(_("A conversation that belongs to something has no lobby."))
    with locking.locked(conversation.pk, now=now, performed_by=performed_by) as locked:
        locked.conversation.lobby_state = state
        locked.conversation.lobby_timer = timer
        locked.save_changes("lobby_state", "lobby_timer")
        locked.remove_refused(policies.is_past_lobby, LegReason.LOBBY)
    conversation.lobby_state = state
    conversation.lobby_timer = timer
