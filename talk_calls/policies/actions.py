"""The rules of each action, in the order in which they are asked."""

from collections.abc import Iterator

from talk_calls.policies.rules import (
    calls_are_enabled,
    has_consent,
    has_own_roles,
    has_session,
    is_moderator,
    is_no_one_to_one,
    is_not_banned,
    is_participant,
    is_past_lobby,
    is_writable,
    may_be_deleted,
    may_be_opened,
    may_be_renamed,
    may_delete_one_to_one,
    may_give_up_membership,
    may_see_participants,
    may_start_call,
    policy_may_start_call,
    takes_outsiders,
)
from talk_calls.policies.situations import Refusal, Rule, Rules, Situation

#: For those who may know of the conversation, which the look-up decides (``is_visible``).
NO_RULES: Rules = ()
#: Entering, for those who may know of the conversation.
ENTER: Rules = (is_not_banned,)
#: What attendees do for themselves alone.
TAKE_PART: Rules = (is_participant,)
#: What moderators change about a conversation and its attendees.
MODERATE: Rules = (is_participant, is_moderator)
INVITE: Rules = (*MODERATE, takes_outsiders)
#: Letting uninvited people in, by the link, by its password or by a list, or keeping them out.
OPEN_CONVERSATION: Rules = (*MODERATE, may_be_opened)
RENAME: Rules = (*MODERATE, may_be_renamed)
CHANGE_ROLE: Rules = (*MODERATE, has_own_roles)
DELETE_CONVERSATION: Rules = (*MODERATE, may_delete_one_to_one, may_be_deleted)
LIST_PARTICIPANTS: Rules = (is_participant, may_see_participants, is_past_lobby)
#: Giving up one's own membership, and the same by a route that names people.
RESIGN: Rules = (*TAKE_PART, may_give_up_membership)
REMOVE_ONESELF: Rules = (*RESIGN, is_no_one_to_one)
SET_SESSION_STATE: Rules = (is_participant, has_session)

LIST_CALL: Rules = (calls_are_enabled, is_participant, is_writable, is_past_lobby)
#: The rules of a join that are asked before a user who left a one-to-one is added to it again
#: (behaviour 4.1/8).
JOIN_CALL_BEFORE_REFILL: Rules = (*LIST_CALL, has_consent)
JOIN_CALL: Rules = (*JOIN_CALL_BEFORE_REFILL, has_session, may_start_call, policy_may_start_call)
LEAVE_CALL: Rules = (is_participant, is_writable, is_past_lobby, has_session)
#: API v4 lets everybody go who is in (behaviour 5).
LEAVE_CALL_V4: Rules = (is_participant, has_session)
CHANGE_CALL_FLAGS: Rules = (is_participant, has_session)
#: Getting credentials for a relay; who is no participant yet gets them to join.
RELAY: Rules = (calls_are_enabled, is_not_banned, is_writable, is_past_lobby)
#: Sending media to a signaling server, which asks before the session is in the call.
PUBLISH: Rules = RELAY
RING: Rules = (calls_are_enabled, is_participant, has_session)
#: Reading what happened in a conversation; nobody writes to its chat.
READ_CHAT: Rules = (is_participant, is_past_lobby)
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


def require(refusal: Refusal) -> None:
    """Raise a refusal, if there is one."""
    if refusal:
        raise refusal


def enforce(rules: Rules, situation: Situation) -> None:
    """Raise the first refusal of an action, if there is one."""
    require(first_refusal(rules, situation))
