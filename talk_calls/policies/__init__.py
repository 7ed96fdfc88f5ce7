"""Who may do what: pure functions over loaded rows.

A rule takes a ``Situation`` and returns the refusal, or None if it has nothing against it. An
action is a tuple of rules, asked in order; the first refusal counts. The API asks before the lock
and the services under it, so a refusal has one reason wherever it is met.

Rules are in ``rules``, their order in ``actions``, what an attendee may do in ``permissions``, and
how people get in in ``entry``. Other modules use the names of this package.
"""

from talk_calls.policies.actions import (
    CHANGE_CALL_FLAGS,
    DELETE_CONVERSATION,
    JOIN_CALL,
    JOIN_CALL_BEFORE_REFILL,
    LEAVE_CALL,
    LEAVE_CALL_V4,
    LIST_CALL,
    LIST_PARTICIPANTS,
    MODERATE,
    NO_RULES,
    REMOVE_ONESELF,
    RING,
    SET_SESSION_STATE,
    SIGNAL,
    TAKE_PART,
    enforce,
    first_refusal,
    trace,
)
from talk_calls.policies.entry import entry_type, is_listed, is_visible, needs_password
from talk_calls.policies.permissions import (
    allowed_flags,
    call_flags_of,
    can_delete_conversation,
    can_leave_conversation,
    can_start_calls,
    changed_permissions,
    permissions_of,
)
from talk_calls.policies.rules import (
    Refusal,
    Rule,
    Rules,
    calls_are_enabled,
    has_consent,
    has_session,
    is_moderator,
    is_no_one_to_one,
    is_participant,
    is_past_lobby,
    is_writable,
    may_remove,
    may_see_participants,
    may_send,
    may_start_call,
    needs_consent,
)
from talk_calls.policies.situations import Situation

__all__ = [
    "CHANGE_CALL_FLAGS",
    "DELETE_CONVERSATION",
    "JOIN_CALL",
    "JOIN_CALL_BEFORE_REFILL",
    "LEAVE_CALL",
    "LEAVE_CALL_V4",
    "LIST_CALL",
    "LIST_PARTICIPANTS",
    "MODERATE",
    "NO_RULES",
    "REMOVE_ONESELF",
    "RING",
    "SET_SESSION_STATE",
    "SIGNAL",
    "TAKE_PART",
    "Refusal",
    "Rule",
    "Rules",
    "Situation",
    "allowed_flags",
    "call_flags_of",
    "calls_are_enabled",
    "can_delete_conversation",
    "can_leave_conversation",
    "can_start_calls",
    "changed_permissions",
    "enforce",
    "entry_type",
    "first_refusal",
    "has_consent",
    "has_session",
    "is_listed",
    "is_moderator",
    "is_no_one_to_one",
    "is_participant",
    "is_past_lobby",
    "is_visible",
    "is_writable",
    "may_remove",
    "may_see_participants",
    "may_send",
    "may_start_call",
    "needs_consent",
    "needs_password",
    "permissions_of",
    "trace",
]
