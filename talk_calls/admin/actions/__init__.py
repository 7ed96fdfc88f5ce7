"""What operators may do: each deed is confirmed, reasoned, logged, and has its permission."""

from talk_calls.admin.actions.deed import Deed
from talk_calls.admin.actions.deeds import (
    ATTENDEE_DEEDS,
    CONVERSATION_DEEDS,
    END_CALL,
    REMOVE_SESSION,
    REVOKE_APP_PASSWORD,
)
from talk_calls.admin.actions.steered import RemovedByDeedAdmin, SteeredAdmin, buttons

__all__ = [
    "ATTENDEE_DEEDS",
    "CONVERSATION_DEEDS",
    "END_CALL",
    "REMOVE_SESSION",
    "REVOKE_APP_PASSWORD",
    "Deed",
    "RemovedByDeedAdmin",
    "SteeredAdmin",
    "buttons",
]
