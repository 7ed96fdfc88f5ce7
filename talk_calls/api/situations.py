"""The situation of a request: conversation, attendee and acting session, in one query or two.

``session_pk`` is the session that the browser has stored for the conversation: its primary key, 0
for none, None where the client stores nothing. With ``stays``, as in v4, a caller whose stored
session expired is a participant all the same.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import cast

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from talk_calls import policies
from talk_calls.api.throttling.addresses import address_of
from talk_calls.constants import TOKEN_PATTERN, SessionEnd
from talk_calls.exceptions import NoSuchConversation
from talk_calls.host import browser_sessions, clock
from talk_calls.host.actors import Actor, HostUser
from talk_calls.models import Attendee, Conversation, Session, SystemMessage, finders
from talk_calls.policies import Situation
from talk_calls.services import ended_sessions
from talk_calls.services.sessions import JoinResult

#: Devices of one user that are looked at.
_MOST_DEVICES = 50


def of_attendee(
    token: str, actor: Actor, *, session_pk: int | None, stays: bool, now: datetime
) -> Situation:
    """Return the situation of an attendee; one query.

    Raises ``NoSuchConversation`` for everybody else: endpoints that use this answer as if there
    were no conversation, whether it is public or not.
    """
    attendee = finders.find_attendee(token, user=actor.user, session_pk=session_pk, now=now)
    if attendee is None:
        raise NoSuchConversation
    return _inside(attendee, now, must_have_session=session_pk is not None and not stays)


def of_visitor(  # noqa: PLR0913 -- one keyword per fact about the request
    token: str,
    actor: Actor,
    *,
    session_pk: int | None = None,
    stays: bool = False,
    tells_bans: bool = False,
    now: datetime,
) -> Situation:
    """Return the situation of anybody who may see the conversation; one query or two.

    The conversation has its call. Raises ``NoSuchConversation`` if the caller may not see it
    (behaviour 3.3/1). With ``tells_bans`` a user who is banned from it may know so much.
    """
    must_have_session = session_pk is not None and not stays
    attendee = finders.find_attendee(
        token, user=actor.user, session_pk=session_pk, now=now, with_call=True
    )
    if attendee is not None:
        return _inside(attendee, now, must_have_session=must_have_session)
    conversation = finders.find_conversation(token, now=now, actor=actor)
    if conversation is None:
        raise NoSuchConversation
    # Not guests: their address may be banned because of somebody else.
    is_told = tells_bans and actor.is_user and conversation.bans_actor
    if not is_told and not policies.is_visible(conversation, None, is_user=actor.is_user):
        raise NoSuchConversation
    return replace(_outside(conversation, now), lost_session=must_have_session)


def of_user(
    user: HostUser, *, now: datetime, modified_since: datetime | None = None
) -> list[Situation]:
    """Return a user's situation in each of their conversations; one query.

    ``modified_since`` leaves out conversations in which nothing changed since then.
    """
    attendees = finders.attendees_of_user(user, now=now, modified_since=modified_since)
    return [_inside(attendee, now) for attendee in attendees]


def of_devices(user: HostUser, *, now: datetime) -> list[Situation]:
    """Return a user's situation with each device that is online, the newest ones; one query.

    Calls are not looked up.
    """
    sessions = Session.objects.present(now).filter(attendee__user=user)
    online = sessions.select_related("attendee", "conversation").newest_first()[:_MOST_DEVICES]
    return [
        Situation(each.conversation, each.attendee, each, has_call=False, now=now)
        for each in online
    ]


def of_listed(user: HostUser, term: str, *, now: datetime) -> list[Situation]:
    """Return a user's situation in each conversation that they may find by ``term``; one query."""
    found = finders.listed_conversations(user, term, now=now)
    return [_outside(conversation, now) for conversation in found]


def of_request(request: HttpRequest | Request, token: str) -> Situation:
    """Return the situation of who makes a request to a view of the host; one query.

    ``request`` has a user. A guest is known by the browser session alone. Somebody may be on
    several devices, as in v4. The conversation has its call. Raises ``NoSuchConversation`` for
    everybody who does not belong to it, and for text that can be no token: the path of the host may
    take any, also with a NUL, which PostgreSQL refuses.
    """
    if not re.fullmatch(TOKEN_PATTERN, token):
        raise NoSuchConversation
    now, actor = clock.now(), actor_of(request)
    key = browser_sessions.key_for(token, request.headers)
    stored = stored_session(request, actor, key, several_devices=True)
    attendee = finders.find_attendee(
        token, user=actor.user, session_pk=stored, now=now, with_call=True
    )
    if attendee is None:
        raise NoSuchConversation
    return _inside(attendee, now)


def actor_of(request: HttpRequest | Request) -> Actor:
    """Return who makes a request: the user who is logged in, or a guest."""
    user = request.user  # may be None, by the DRF settings of a host
    if getattr(user, "is_authenticated", False):
        return Actor(cast(HostUser, user))
    return Actor(browser=browser_sessions.guest_key(request.session), network=address_of(request))


def stored_session(
    request: HttpRequest | Request, actor: Actor, key: str, *, several_devices: bool
) -> int | None:
    """Return the primary key of the talk session that the browser session has, 0 for none.

    None means that the client acts with the newest session of its user. Where users have several
    devices that is only so for clients without cookies: a browser never acts for another device.
    """
    stored = browser_sessions.get(request.session, actor, key)
    if stored is not None or not several_devices:
        return stored
    return 0 if settings.SESSION_COOKIE_NAME in request.COOKIES else None


def session_end(request: HttpRequest | Request, token: str, *, now: datetime) -> SessionEnd | None:
    """Return why the session of the request's window is gone; None if nobody knows.

    No query for a client that names no window: apps read no reasons.
    """
    window = browser_sessions.window_of(token, request.headers)
    if not window:
        return None
    actor = actor_of(request)
    stored = browser_sessions.get(
        request.session, actor, browser_sessions.key_for(token, request.headers)
    )
    return ended_sessions.reason_of(
        window, is_user=actor.is_user, is_remembered=stored is not None, now=now
    )


def after_joining(
    result: JoinResult, *, newest_message: SystemMessage | None, now: datetime
) -> Situation:
    """Return the situation of somebody who just joined a conversation; no query.

    ``newest_message`` is the one from before they joined.
    """
    session, call = result.session, result.call
    conversation = session.conversation
    conversation.newest_message = newest_message
    conversation.has_call = call is not None
    conversation.call_flags = call.flags if call else None
    conversation.call_started_at = call.started_at if call else None
    return Situation(conversation, session.attendee, session, call is not None, now)


def _inside(attendee: Attendee, now: datetime, *, must_have_session: bool = False) -> Situation:
    conversation, session = attendee.conversation, attendee.acting
    return Situation(
        conversation=conversation,
        attendee=attendee,
        session=session,
        has_call=conversation.has_call,
        now=now,
        lost_session=must_have_session and session is None,
    )


def _outside(conversation: Conversation, now: datetime) -> Situation:
    return Situation(
        conversation,
        None,
        None,
        conversation.has_call,
        now,
        is_banned=conversation.bans_actor,
    )
