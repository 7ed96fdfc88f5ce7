"""The messages that tell the HPB what is true (signaling-server 4).

They are made from the difference between what is true and what was told, and each may be sent
again. Their order is that of their weight: first who may send what, then who is in the call, then
the rest, and at last whose connection is closed.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from talk_calls.constants import InCallFlag
from talk_calls.hpb.properties import properties_of
from talk_calls.hpb.state import NEW, Connected, State
from talk_calls.ocs.json_types import JSONObject

#: The feature of servers that can tell all clients at once that the call is over. Servers without
#: it are also those that take smaller requests.
INCALL_ALL = "incall-all"

#: How many bytes a request may have, with and without that feature (64 and 256 KiB), less what is
#: around the rows.
_SMALL, _LARGE = 60_000, 250_000

#: What clients have to do about a changed list of members.
_REFRESH: JSONObject = {"participant-list": "refresh"}


@dataclass(frozen=True, slots=True)
class Message:
    """A message about a conversation, of one of the types that the HPB knows."""

    type: str
    content: JSONObject

    def encode(self) -> bytes:
        """Return the body of the request."""
        return _encode({"type": self.type, self.type: self.content})


def messages_of(state: State, features: Collection[str]) -> list[Message]:
    """Return what has to be told, in order; ``features`` are those of the server."""
    limit = _LARGE if INCALL_ALL in features else _SMALL
    if state.conversation is None:
        return list(_deleted(state, limit))
    return [
        *_participants(state, limit),
        *_in_call(state, features, limit),
        *_updated(state, limit),
        *_invited(state, limit),
        *_disinvited(state, limit),
    ]


def properties_digest(state: State) -> str:
    """Return the digest of the properties of a conversation that exists."""
    return hashlib.sha256(_encode(_properties(state))).hexdigest()[:32]


def in_call_changed(state: State) -> list[Connected]:
    """Return the sessions of which the HPB may have other in-call flags."""
    return [each for each in state.connected if state.uncertain or each.flags != each.told.in_call]


def _participants(state: State, limit: int) -> Iterator[Message]:
    here = [each for each in state.connected if each.session is not None]
    changed = [
        each for each in here if state.uncertain or each.description != each.told.description
    ]
    if not changed:
        return
    rows = [{**_participant(each), "permissions": list(each.granted)} for each in changed]
    others = [_participant(each) for each in _without(here, changed)]
    for part, users in _parts(rows, others, limit, needs_others=False):
        yield Message("participants", {"changed": part, "users": users})


def _in_call(state: State, features: Collection[str], limit: int) -> Iterator[Message]:
    changed = in_call_changed(state)
    if not changed:
        return
    in_call = [each for each in state.connected if each.flags != InCallFlag.DISCONNECTED]
    if not in_call and len(changed) > 1 and INCALL_ALL in features:
        yield Message("incall", {"incall": 0, "all": True})
        return
    # Who came in has to learn of everybody; the others know all but what changed.
    joined = any(each.flags and not each.told.in_call for each in changed)
    rows = [_caller(each) for each in changed]
    others = [_caller(each) for each in _without(in_call, changed)]
    flags = max(each.flags for each in changed)
    for part, users in _parts(rows, others, limit, needs_others=joined):
        yield Message("incall", {"incall": flags, "changed": part, "users": users})


def _updated(state: State, limit: int) -> Iterator[Message]:
    if not state.uncertain and properties_digest(state) == state.told.properties:
        return
    properties = _properties(state)
    for user_ids in _chunks(_members(state), limit - len(_encode(properties))):
        content: JSONObject = {"userids": user_ids, "properties": properties}
        yield Message("update", content)


def _invited(state: State, limit: int) -> Iterator[Message]:
    invited = _new_members(state)
    if not invited:
        return
    # Those who are here have the list of participants before them; all others read it when needed.
    everybody = [*invited, *(user_id for user_id in _users_here(state) if user_id not in invited)]
    for part in _chunks(everybody, limit // 2):
        user_ids = [each for each in part if each in invited]
        content: JSONObject = {"userids": user_ids, "alluserids": part, "properties": _REFRESH}
        yield Message("invite", content)


def _disinvited(state: State, limit: int) -> Iterator[Message]:
    here = _users_here(state)
    gone_users = sorted(_gone_members(state))
    gone = [each.told for each in state.connected if each.session is None]
    news = [told for told in gone if state.uncertain or not told.gone]
    gone_sessions = [told.session_id for told in news if not told.left]
    rest = limit // 2
    for key, names in (("userids", gone_users), ("sessionids", gone_sessions)):
        for number, part in enumerate(_chunks(names, rest) if names else ()):
            told = [] if number else next(iter(_chunks(here, rest)), [])
            content: JSONObject = {key: part, "alluserids": told, "properties": _REFRESH}
            yield Message("disinvite", content)


def _deleted(state: State, limit: int) -> Iterator[Message]:
    for user_ids in _chunks(state.told.user_ids, limit):
        yield Message("delete", {"userids": user_ids})


def _members(state: State) -> Sequence[str]:
    return state.told.user_ids if state.user_ids is None else state.user_ids


def _new_members(state: State) -> dict[str, None]:
    """Return the users who belong to it now and did not when the HPB was told, in order."""
    if state.user_ids is None or state.conversation is None:
        return {}
    is_first = not state.told.attendees
    if is_first and state.conversation.created_at < state.now - NEW:
        return {}
    before = set(state.told.user_ids)
    return dict.fromkeys(each for each in state.user_ids if each not in before)


def _gone_members(state: State) -> set[str]:
    return set() if state.user_ids is None else {*state.told.user_ids} - {*state.user_ids}


def _users_here(state: State) -> list[str]:
    """Return the ids of users who are connected, each once."""
    names = (each.user_id for each in state.connected if each.session is not None)
    return list(dict.fromkeys(name for name in names if name is not None))


def _properties(state: State) -> JSONObject:
    assert state.conversation is not None  # noqa: S101 -- for types: whoever calls this knows it
    return properties_of(state.conversation, state.now)


def _without(connected: list[Connected], others: list[Connected]) -> list[Connected]:
    left_out = {each.told.pk for each in others}
    return [each for each in connected if each.told.pk not in left_out]


def _caller(connected: Connected) -> JSONObject:
    """Return the row of somebody who is in the call, or was."""
    row: JSONObject = {
        **_presence(connected),
        "nextcloudSessionId": connected.told.session_id,
        "participantType": connected.role,
        "participantPermissions": connected.permissions,
    }
    return row if connected.user_id is None else {**row, "userId": connected.user_id}


def _participant(connected: Connected) -> JSONObject:
    """Return the row of somebody who is online."""
    assert connected.session is not None  # noqa: S101 -- for types: only those are listed
    row: JSONObject = {
        **_presence(connected),
        "participantType": connected.role,
        "participantPermissions": connected.permissions,
        "displayName": connected.session.attendee.display_name,
    }
    return row if connected.user_id is None else {**row, "userId": connected.user_id}


def _presence(connected: Connected) -> JSONObject:
    session = connected.session
    return {
        "inCall": connected.flags,
        "lastPing": int(session.last_ping.timestamp()) if session else 0,
        "sessionId": connected.told.session_id,
    }


def _parts(
    changed: list[JSONObject], others: list[JSONObject], limit: int, *, needs_others: bool
) -> Iterator[tuple[list[JSONObject], list[JSONObject]]]:
    """Split rows that changed, and those of all others, under the limit of a request.

    If all fit into one, it has all: some clients take it for the whole list. Else changed rows come
    first, and all others follow only where that is needed: clients add them to what they know. The
    HPB shows clients changed rows too, so none is sent twice.
    """
    if _size(changed) + _size(others) <= limit:
        yield changed, others
        return
    for part in _chunks(changed, limit):
        yield part, []
    if needs_others:
        for part in _chunks(others, limit):
            yield [], part


def _chunks(items: Sequence[Any], limit: int) -> Iterator[list[Any]]:
    """Split a list so that each part has at most ``limit`` bytes as JSON; one empty part for none.

    One item that is longer is a part of its own.
    """
    part: list[Any] = []
    size = 0
    for item in items:
        length = len(_encode(item)) + 1
        if part and size + length > limit:
            yield part
            part, size = [], 0
        part.append(item)
        size += length
    yield part


def _size(rows: Sequence[JSONObject]) -> int:
    return sum(len(_encode(row)) + 1 for row in rows)


def _encode(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
