"""Whom a call reaches: who is told that it started, and who can be rung."""

from datetime import datetime

from talk_calls.conf import conf
from talk_calls.models import Attendee, Call, Conversation
from talk_calls.policies.actions import LIST_CALL, first_refusal
from talk_calls.policies.situations import Situation


def learns_of_call(conversation: Conversation, member: Attendee, call: Call, now: datetime) -> bool:
    """Tell whether the start of a call is announced to a member, who can come in.

    A call that resumes another, as after a reload, is not announced again (behaviour 5).
    """
    if call.silent or call.resumes_id or not member.notification_calls:
        return False
    is_left_out = conf.directory.user_id(member.user) in call.silent_for
    return not is_left_out and can_come(conversation, member, now)


def can_come(conversation: Conversation, member: Attendee, now: datetime) -> bool:
    """Tell whether a user could join a running call here, so that ringing makes sense.

    The account is active and may use Talk, and neither the lock nor the lobby keeps them out.
    """
    user = member.user
    if user is None or not user.is_active or not conf.directory.may_use_talk(user):
        return False
    situation = Situation(conversation, member, None, has_call=True, now=now)
    return first_refusal(LIST_CALL, situation) is None
