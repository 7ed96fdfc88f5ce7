"""The answers to requests of signaling servers (signaling-server 3.2).

A server asks who a client is (``auth``), whether it may enter a conversation (``room``), and tells
when it left and which sessions are still there (``ping``). It passes the text of a refusal on to
the client, so a refusal never says why somebody is not let in.
"""

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from talk_calls import policies
from talk_calls.conf import conf
from talk_calls.constants import NO_SESSION_ID, SESSION_ID_LENGTH, TOKEN_PATTERN
from talk_calls.db.text import is_storable
from talk_calls.host.directory import keeps_users_out
from talk_calls.hpb import arrivals, signatures
from talk_calls.hpb.permissions import permissions_of
from talk_calls.hpb.properties import properties_of
from talk_calls.models import Session, finders
from talk_calls.ocs import json_text
from talk_calls.ocs.json_types import JSONObject
from talk_calls.services import sessions
from talk_calls.services.participants import name_of
from talk_calls.signaling import tickets

_VERSION = "1.0"

#: How many sessions a server lists in one ping; it learns that from the capabilities. Servers up to
#: 0.4.1 list all of one conversation.
PING_LIMIT = 200

#: Bytes of the longest request that is read: a ping of such a server for 1,800 sessions.
MAX_BODY = 1024 * 1024

_Request = Mapping[str, Any]


class Refused(Exception):
    """A request is answered with an error; the client of the signaling server reads both texts."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def answer(body: bytes, headers: Mapping[str, str], *, now: datetime) -> JSONObject:
    """Return the answer to a request with this body and these headers.

    ``headers`` finds names in any letter case. Nothing is read of a body whose signature is wrong.
    """
    try:
        return _answer(body, headers, now)
    except Refused as refused:
        return refusal(refused.code, refused.message)


def refusal(code: str, message: str) -> JSONObject:
    """Return an answer that is an error."""
    return {"type": "error", "error": {"code": code, "message": message}}


def _answer(body: bytes, headers: Mapping[str, str], now: datetime) -> JSONObject:
    signaling = conf.signaling
    servers = signaling.servers if signaling.external else ()
    if signatures.signer(servers, headers, body) is None:
        raise Refused("invalid_request", "The request could not be authenticated.")
    try:
        request = json_text.read(body)
    except ValueError as error:
        raise Refused("invalid_request", "The request is not valid JSON.") from error
    kind = _text(request, "type")
    if kind not in _ANSWERS:
        raise Refused("unknown_type", "The request has a type that is not known.")
    return _ANSWERS[kind](_object(request, kind), now)


def _auth(request: _Request, now: datetime) -> JSONObject:
    """Say who shows a ticket."""
    shown = _object(request, "params")
    actor = tickets.holder(_text(shown, "ticket"), _text(shown, "userid"), now)
    if actor is None:
        raise Refused("invalid_ticket", "The given ticket is not valid for this user.")
    who: JSONObject = {}
    if actor.user is not None:
        if not conf.directory.may_use_talk(actor.user):
            raise Refused("no_such_user", "The given user does not exist.")
        who["userid"] = conf.directory.user_id(actor.user)
        who["user"] = {"displayname": name_of(actor.user)}
    return {"type": "auth", "auth": {"version": _VERSION, **who}}


def _room(request: _Request, now: datetime) -> JSONObject:
    if request.get("actorid") or request.get("actortype"):
        raise Refused("unknown_type", "Virtual sessions are not supported.")
    token = _text(request, "roomid")
    session = _find_session(_text(request, "sessionid"), token, now)
    if _text(request, "action") == "leave":
        return _leave(session, token, now)
    if session is None or not _is_of(session, _text(request, "userid")):
        raise Refused("no_such_room", "The user is not invited to this room.")
    return _join(session, token, now)


def _join(session: Session, token: str, now: datetime) -> JSONObject:
    """Let a session in that has joined the conversation at this site, which is a ping."""
    sessions.ping([session], now=now)
    conversation = session.conversation
    situation = policies.Situation(
        conversation, session.attendee, session, conversation.has_call, now
    )
    arrivals.session_connected(situation, now)
    return _about_room(token, properties_of(conversation, now), permissions_of(situation))


def _leave(session: Session | None, token: str, now: datetime) -> JSONObject:
    """Close a session that left the server, or was away from it for half a minute.

    This is told after the fact, so the session may be gone; nobody learns whether it was there.
    """
    if session is not None:
        arrivals.session_disconnected(session)
        sessions.leave(session=session, now=now)
    return _about_room(token, {}, [])


def _ping(request: _Request, now: datetime) -> JSONObject:
    """Store that sessions are there; their conversations need not be named."""
    entries = request.get("entries")
    listed = {_text(each, "sessionid") for each in entries} if isinstance(entries, list) else set()
    named = {each for each in listed if _may_be_session_id(each)}
    sessions.ping_by_id(named - _kept_out(named), now=now)
    return {"type": "room", "room": {"version": _VERSION, "roomid": _text(request, "roomid")}}


def _kept_out(session_ids: Collection[str]) -> set[str]:
    """Return those of users whom the site does not let use Talk any more: they time out.

    One query, and none where the site's directory lets everybody.
    """
    if not keeps_users_out():
        return set()
    found = Session.objects.filter(session_id__in=session_ids, attendee__user__isnull=False)
    return {
        session.session_id
        for session in found.select_related("attendee__user")
        if not conf.directory.may_use_talk(session.attendee.user)
    }


_ANSWERS: Mapping[str, Callable[[_Request, datetime], JSONObject]] = {
    "auth": _auth,
    "room": _room,
    "ping": _ping,
}


def _about_room(token: str, properties: JSONObject, permissions: list[str]) -> JSONObject:
    return {
        "type": "room",
        "room": {
            "version": _VERSION,
            "roomid": token,
            "properties": properties,
            "permissions": permissions,
        },
    }


def _find_session(session_id: str, token: str, now: datetime) -> Session | None:
    if not re.fullmatch(TOKEN_PATTERN, token) or not _may_be_session_id(session_id):
        return None
    return finders.find_session(session_id, token, now=now)


def _is_of(session: Session, user_id: str) -> bool:
    """Tell whether a session belongs to whom the server knows its client as.

    All in a conversation see the ids of its sessions, so an id alone proves nothing. Guests have
    nothing else, and are known by it.
    """
    user = session.attendee.user
    if user is None:
        return not user_id
    directory = conf.directory
    return user.is_active and directory.user_id(user) == user_id and directory.may_use_talk(user)


def _may_be_session_id(text: str) -> bool:
    return 0 < len(text) <= SESSION_ID_LENGTH and text != NO_SESSION_ID and is_storable(text)


def _object(request: object, name: str) -> _Request:
    """Return a part of a request, empty where it is no object."""
    found = request.get(name) if isinstance(request, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _text(request: object, name: str) -> str:
    """Return a text of a request, empty where it is none."""
    found = request.get(name) if isinstance(request, Mapping) else None
    return found if isinstance(found, str) else ""
