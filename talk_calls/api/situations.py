"""The situation of a request: conversation, attendee and acting session, in one query or two."""

from dataclasses import dataclass, replace
from datetime import datetime

from talk_calls import policies
from talk_calls.exceptions import NoSuchConversation
from talk_calls.host.actors import Actor
from talk_calls.models import Attendee, Conversation, lookups
from talk_calls.policies import Situation
from talk_calls.services.sessions import JoinResult


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, and which session the browser has stored for the conversation.

    ``session_pk`` is its primary key, 0 for none, None if the browser stores nothing. With
    ``stays``, as in v4, a caller whose stored session expired is a participant all the same.
    """

    actor: Actor
    session_pk: int | None = None
    stays: bool = False


def of_attendee(caller: Caller, token: str, *, now: datetime) -> Situation:
    """Return the situation of an attendee; one query.

    Raises ``NoSuchConversation`` for everybody else: endpoints that use this answer as if there
    were no conversation, whether it is public or not.
    """
    attendee = _find(caller, token, now=now, with_call=False)
    if attendee is None:
        raise NoSuchConversation
    return _inside(caller, attendee, now)


def of_visitor(caller: Caller, token: str, *, now: datetime) -> Situation:
    """Return the situation of anybody who may see the conversation; one query or two.

    The conversation has its call. Raises ``NoSuchConversation`` if the caller may not see it
    (behaviour 3.3/1).
    """
    attendee = _find(caller, token, now=now, with_call=True)
    if attendee is not None:
        return _inside(caller, attendee, now)
    conversation = lookups.find_conversation(token, now=now)
    is_user = caller.actor.is_user
    if conversation is None or not policies.is_visible(conversation, None, is_user=is_user):
        raise NoSuchConversation
    lost = caller.session_pk is not None and not caller.stays
    return replace(_outside(conversation, now), lost_session=lost)


def of_user(
    actor: Actor, *, now: datetime, modified_since: datetime | None = None
) -> list[Situation]:
    """Return a user's situation in each of their conversations; one query.

    ``modified_since`` leaves out conversations in which nothing changed since then.
    """
    attendees = lookups.attendees_of_user(actor.pk, now=now, modified_since=modified_since)
    return [_inside(Caller(actor), attendee, now) for attendee in attendees]


def of_listed(actor: Actor, term: str, *, now: datetime) -> list[Situation]:
    """Return a user's situation in each conversation that they may find by ``term``; one query."""
    found = lookups.listed_conversations(actor.pk, term, now=now)
    return [_outside(conversation, now) for conversation in found]


def after_joining(result: JoinResult, *, now: datetime) -> Situation:
    """Return the situation of somebody who just joined a conversation; no query."""
    session, call = result.session, result.call
    conversation = session.conversation
    conversation.has_call = call is not None
    conversation.call_flags = call.flags if call else None
    conversation.call_started_at = call.started_at if call else None
    return Situation(conversation, session.attendee, session, call is not None, now)


def _find(caller: Caller, token: str, *, now: datetime, with_call: bool) -> Attendee | None:
    """Return the attendee of a user, or of the guest who has the stored session."""
    pk = caller.session_pk
    if caller.actor.user is not None:
        return lookups.find_attendee_of_user(
            token, caller.actor.pk, session_pk=pk, now=now, with_call=with_call
        )
    if pk is None:
        return None
    return lookups.find_attendee_of_session(token, pk, now=now, with_call=with_call)


def _inside(caller: Caller, attendee: Attendee, now: datetime) -> Situation:
    if attendee.user_id is not None:
        attendee.user = caller.actor.user  # loaded already
    session = attendee.acting
    lost = caller.session_pk is not None and session is None and not caller.stays
    conversation = attendee.conversation
    has_call = conversation.has_call
    return Situation(conversation, attendee, session, has_call, now, lost_session=lost)


def _outside(conversation: Conversation, now: datetime) -> Situation:
    return Situation(conversation, None, None, conversation.has_call, now)
