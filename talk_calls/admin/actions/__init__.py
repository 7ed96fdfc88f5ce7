"""What operators may do: each action is confirmed, takes a reason and a permission, and is logged.

A new action is a subclass of ``AdminAction`` in the module of what it changes, and an instance in
``actions`` of that model's ``ModelAdmin``.
"""

from talk_calls.admin.actions.accounts import RevokeAppPassword
from talk_calls.admin.actions.attendees import BanAttendee, Demote, Promote, RemoveAttendee
from talk_calls.admin.actions.bans import LiftBan
from talk_calls.admin.actions.base import AdminAction
from talk_calls.admin.actions.buttons import ActionButtons, action_buttons
from talk_calls.admin.actions.calls import EndCall
from talk_calls.admin.actions.conversations import Lock, LowerLobby, RaiseLobby, Unlock
from talk_calls.admin.actions.mixins import AdminActionsMixin, DeleteByActionMixin
from talk_calls.admin.actions.sessions import RemoveSession
from talk_calls.admin.actions.webhooks import (
    DeleteEndpoint,
    DisableEndpoint,
    EnableEndpoint,
    Replay,
    ReplayDead,
    RotateSecret,
    SendTest,
)

ATTENDEE_ACTIONS = (Promote(), Demote(), RemoveAttendee(), BanAttendee())
BAN_ACTIONS = (LiftBan(),)
CALL_ACTIONS = (EndCall(),)
CONVERSATION_ACTIONS = (Lock(), Unlock(), RaiseLobby(), LowerLobby())
DELIVERY_ACTIONS = (Replay(),)
ENDPOINT_ACTIONS = (
    SendTest(),
    EnableEndpoint(),
    ReplayDead(),
    RotateSecret(),
    DisableEndpoint(),
    DeleteEndpoint(),
)
SESSION_ACTIONS = (RemoveSession(),)
APP_PASSWORD_ACTIONS = (RevokeAppPassword(),)

__all__ = [
    "APP_PASSWORD_ACTIONS",
    "ATTENDEE_ACTIONS",
    "BAN_ACTIONS",
    "CALL_ACTIONS",
    "CONVERSATION_ACTIONS",
    "DELIVERY_ACTIONS",
    "ENDPOINT_ACTIONS",
    "SESSION_ACTIONS",
    "ActionButtons",
    "AdminAction",
    "AdminActionsMixin",
    "DeleteByActionMixin",
    "action_buttons",
]
