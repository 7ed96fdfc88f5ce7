"""Preparing the cases over HTTP: conversations, sessions and calls; and the requests to measure."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from talk_calls.contrib.simulation.http import Connection
from tests.benchmarks.cases import Request
from tests.benchmarks.load import require_success
from tests.benchmarks.measure import Client
from tests.servers.web import PROXY_HEADERS, WebServer

_API = "/ocs/v2.php/apps/spreed/api"
_FLAGS = 7
_GROUP = 2

#: Users in the conversations whose list is measured.
_LISTED = {"list-2": 2, "list-50": 50}

#: Members of conversations in which one joins alone; idle members of the other one.
_ALONE, _IDLE = 2, 2

#: Conversations of the user whose room list is measured.
_ROOMS = 500

#: By key of a case: the requests of each client.
Prepared = dict[str, list[Client]]


@dataclass(frozen=True)
class User:
    """A user with an app password."""

    username: str
    password: str

    @property
    def headers(self) -> dict[str, str]:
        """Return the headers of this user's requests."""
        credentials = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        return {**PROXY_HEADERS, "Authorization": f"Basic {credentials}"}


def users_needed(clients: int) -> int:
    """Return how many users ``prepare`` needs for so many clients."""
    return sum(_LISTED.values()) + _ALONE * clients + clients + _IDLE + 1


def prepare(
    server: WebServer, users: Sequence[User], keys: Sequence[str], *, clients: int
) -> Prepared:
    """Make the conversations of cases; return the requests of each client by case."""
    return asyncio.run(_prepare(server.url, iter(users), keys, clients))


async def _prepare(url: str, users: Iterator[User], keys: Sequence[str], clients: int) -> Prepared:
    return {key: await _CASES[key](url, users, clients) for key in keys}


async def _lists(url: str, users: Iterator[User], clients: int, *, people: int) -> list[Client]:
    members = [next(users) for _ in range(people)]
    token = await _make_conversation(url, members, in_call=people)
    return [[call_request("GET", token, members[n % people].headers)] for n in range(clients)]


async def _start_and_end(url: str, users: Iterator[User], clients: int) -> list[Client]:
    prepared = []
    for _ in range(clients):
        members = [next(users) for _ in range(_ALONE)]
        token = await _make_conversation(url, members, in_call=0)
        prepared.append(_join_and_leave(token, members[0]))
    return prepared


async def _join_together(url: str, users: Iterator[User], clients: int) -> list[Client]:
    members = [next(users) for _ in range(_IDLE + clients)]
    token = await _make_conversation(url, members, in_call=_IDLE)
    return [_join_and_leave(token, member) for member in members[_IDLE:]]


async def _room_lists(url: str, users: Iterator[User], clients: int) -> list[Client]:
    user = next(users)
    for number in range(_ROOMS):
        await _send(url, user, "POST", "v4/room", {"roomType": _GROUP, "roomName": str(number)})
    return [[rooms_request(user.headers)] for _ in range(clients)]


_CASES: dict[str, Callable[[str, Iterator[User], int], Awaitable[list[Client]]]] = {
    **{key: partial(_lists, people=people) for key, people in _LISTED.items()},
    "start-end": _start_and_end,
    "join-leave": _join_together,
    "rooms-500": _room_lists,
}


async def _make_conversation(url: str, members: Sequence[User], *, in_call: int) -> str:
    """Make a conversation of online members, the first ones in its call; return its token."""
    owner, *others = members
    values = {"roomType": _GROUP, "roomName": "benchmark"}
    token: str = (await _send(url, owner, "POST", "v4/room", values))["token"]
    for member in others:
        invited = {"newParticipant": member.username}
        await _send(url, owner, "POST", f"v4/room/{token}/participants", invited)
    for number, member in enumerate(members):
        await _send(url, member, "POST", f"v4/room/{token}/participants/active", {})
        if number < in_call:
            await _send(url, member, "POST", f"v4/call/{token}", {"flags": _FLAGS})
    return token


async def _send(url: str, user: User, method: str, path: str, values: dict[str, Any]) -> Any:
    connection = Connection(url, user.headers)
    body = json.dumps(values).encode()
    response = await connection.request(method, f"{_API}/{path}?format=json", body)
    connection.close()
    require_success(response)
    return response.data


def _join_and_leave(token: str, user: User) -> Client:
    return [call_request(method, token, user.headers) for method in ("POST", "DELETE")]


def rooms_request(headers: dict[str, str]) -> Request:
    """Return the request for the conversations of a user."""
    path = f"{_API}/v4/room?format=json"
    return {"method": "GET", "path": path, "headers": headers, "body": ""}


def call_request(method: str, token: str, headers: dict[str, str]) -> Request:
    """Return the request that lists (GET), joins (POST) or leaves (DELETE) a call."""
    body = json.dumps({"flags": _FLAGS}) if method == "POST" else ""
    path = f"{_API}/v3/call/{token}?format=json"
    return {"method": method, "path": path, "headers": headers, "body": body}
