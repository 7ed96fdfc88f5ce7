"""The rules of each action, in the order in which they are asked."""

from collections.abc import Iterator

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
    may_see_participants,
    may_start_call,
)
from talk_calls.policies.situations import Situation

#: For those who may know of the conversation, which the look-up decides (``is_visible``).
NO_RULES: Rules = ()
#: What attendees do for themselves alone.
TAKE_PART: Rules = (is_participant,)
#: What moderators change about a conversation and its attendees.
MODERATE: Rules = (is_participant, is_moderator)
DELETE_CONVERSATION: Rules = (*MODERATE, is_no_one_to_one)
LIST_PARTICIPANTS: Rules = (is_participant, may_see_participants, is_past_lobby)
#: Removing oneself by name; ``TAKE_PART`` is enough for the route that names nobody.
REMOVE_ONESELF: Rules = (*TAKE_PART, is_no_one_to_one)
SET_SESSION_STATE: Rules = (is_participant, has_session)

LIST_CALL: Rules = (calls_are_enabled, is_participant, is_writable, is_past_lobby)
#: The rules of a join that are asked before a user who left a one-to-one is added to it again
#: (behaviour 4.1/8).
JOIN_CALL_BEFORE_REFILL: Rules = (*LIST_CALL, has_consent)
JOIN_CALL: Rules = (*JOIN_CALL_BEFORE_REFILL, has_session, may_start_call)
LEAVE_CALL: Rules = (is_participant, is_writable, is_past_lobby, has_session)
#: API v4 lets everybody go who is in (behaviour 5).
LEAVE_CALL_V4: Rules = (is_participant, has_session)
CHANGE_CALL_FLAGS: Rules = (is_participant, has_session)
RING: Rules = (calls_are_enabled, is_participant, has_session)
#: Sending signaling messages, and getting them; a locked conversation has nothing to signal.
SIGNAL: Rules = (is_participant, is_writable, is_past_lobby, has_session)


def first_refusal(rules: Rules, situation: Situation) -> Refusal:
    """Return the first refusal of an action, or None if it is allowed."""
    return next((refusal for rule in rules if (refusal := rule(situation))), None)


def trace(rules: Rules, situation: Situation) -> Iterator[tuple[Rule, Refusal]]:
    """Yield each rule that is asked with what it says; the first refusal is the last."""
    for rule in rules:
        refusal = rule(situation)
        yield rule, refusal
        if refusal:
            return


def enforce(rules: Rules, situation: Situation) -> None:
    """Raise the first refusal of an action, if there is one."""
    if refusal := first_refusal(rules, situation):
        raise refusal
