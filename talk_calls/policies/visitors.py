"""What people see of a conversation before they are in its call."""

from talk_calls.policies.actions import RELAY, first_refusal
from talk_calls.policies.entry import needs_password
from talk_calls.policies.situations import Situation


def sees_name(situation: Situation) -> bool:
    """Tell whether a visitor sees the name: whoever could enter now without a password.

    That the conversation may be known at all is decided by ``is_visible`` before.
    """
    if situation.is_banned:
        return False
    is_in = situation.session is not None
    return is_in or not needs_password(situation.conversation, situation.participant)


def sees_callers(situation: Situation) -> bool:
    """Tell whether a visitor sees who is in the call: whoever could join a running call now.

    Not from the lobby, where nobody learns who is inside.
    """
    return sees_name(situation) and first_refusal(RELAY, situation) is None
