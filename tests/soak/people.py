"""What people of the soak do, over and over: those with an account, guests, and passers-by."""

import asyncio
import json
import random
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from talk_calls.contrib.simulation.http import Connection, Response, Unreachable
from tests.attacks.harness.site import api

#: Most failures that are told in full.
_MOST_FAILURES = 20


class Pace:
    """Gives turns at a rate per second, to whoever asks; at no rate it gives them at once."""

    def __init__(self, rate: float | None) -> None:
        self._rate = rate
        self._next = 0.0

    async def turn(self) -> None:
        """Wait for a turn."""
        if self._rate is None:
            return
        now = time.monotonic()
        self._next = max(now, self._next + 1 / self._rate)
        await asyncio.sleep(self._next - now)


@dataclass
class Log:
    """Requests by action and status, their seconds by action, and what went wrong."""

    requests: int = 0
    statuses: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: list[str] = field(default_factory=list)

    def add(self, action: str, seconds: float, response: Response | None) -> None:
        """Record a request; without a response its connection broke."""
        self.requests += 1
        self.statuses[action][str(response.status) if response else "broken"] += 1
        self.seconds[action].append(seconds)
        if response is None or response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.fail(f"{action}: {response.body[:200]!r}" if response else f"{action}: broken")

    def fail(self, what: str) -> None:
        """Record something that must not happen."""
        if len(self.failures) < _MOST_FAILURES:
            self.failures.append(what)


@dataclass
class Person:
    """A client with a connection and cookies, at a conversation."""

    connection: Connection
    token: str
    pace: Pace
    log: Log
    session_id: str = ""

    async def ask(
        self, action: str, method: str, path: str, values: dict[str, Any] | None = None
    ) -> Response | None:
        """Send a request in turn and record it; return None if the connection broke."""
        await self.pace.turn()
        body = json.dumps(values).encode() if values is not None else b""
        start = time.perf_counter()
        try:
            response = await self.connection.request(method, path, body)
        except Unreachable:
            response = None
        self.log.add(action, time.perf_counter() - start, response)
        return response

    async def join_room(self) -> None:
        """Join the conversation, and note the session."""
        path = api(f"v4/room/{self.token}/participants/active")
        response = await self.ask("room join", "POST", path, {"force": True})
        if response is not None and response.status == HTTPStatus.OK:
            self.session_id = response.data["sessionId"]

    async def leave_room(self) -> None:
        await self.ask("room leave", "DELETE", api(f"v4/room/{self.token}/participants/active"))

    async def join_call(self) -> None:
        await self.ask("call join", "POST", api(f"v4/call/{self.token}"), {"flags": 7})

    async def leave_call(self) -> None:
        await self.ask("call leave", "DELETE", api(f"v4/call/{self.token}"))

    async def list_call(self) -> list[str]:
        """Return the sessions of the others in the call."""
        response = await self.ask("call list", "GET", api(f"v4/call/{self.token}"))
        if response is None or response.status != HTTPStatus.OK:
            return []
        return [each["sessionId"] for each in response.data if each["sessionId"] != self.session_id]

    async def send(self, to: str) -> None:
        """Send a candidate to a session."""
        fn = {"to": to, "type": "candidate", "payload": {"candidate": "x" * 80}}
        message = {"ev": "message", "fn": json.dumps(fn), "sessionId": self.session_id}
        path = api(f"v3/signaling/{self.token}")
        await self.ask("send", "POST", path, {"messages": json.dumps([message])})

    async def poll(self) -> None:
        await self.ask("poll", "GET", api(f"v3/signaling/{self.token}"))

    async def show_page(self) -> None:
        """Load the call page, as its browser does."""
        await self.ask("call page", "GET", f"/call/{self.token}")


async def be_a_member(person: Person) -> None:
    """Look around, call, talk to the others, and leave."""
    token = person.token
    await person.ask("capabilities", "GET", "/ocs/v2.php/cloud/capabilities?format=json")
    await person.ask("room list", "GET", api("v4/room"))
    await person.ask("room", "GET", api(f"v4/room/{token}"))
    await person.join_room()
    await person.ask("participants", "GET", api(f"v4/room/{token}/participants"))
    await person.ask("settings", "GET", api("v3/signaling/settings") + f"&token={token}")
    await person.join_call()
    for _ in range(random.randint(1, 4)):
        for other in (await person.list_call())[:3]:
            await person.send(other)
        await person.poll()
    await person.ask("call flags", "PUT", api(f"v4/call/{token}"), {"flags": 3})
    await person.leave_call()
    await person.leave_room()


async def be_a_guest(person: Person) -> None:
    """Open the page of a conversation, call, and leave, or be gone all of a sudden."""
    token = person.token
    await person.show_page()
    await person.join_room()
    await person.ask("guest name", "POST", api(f"v1/guest/{token}/name"), {"displayName": "Gus"})
    await person.ask("settings", "GET", api("v3/signaling/settings") + f"&token={token}")
    await person.join_call()
    for other in (await person.list_call())[:3]:
        await person.send(other)
    await person.poll()
    if random.random() < 2 / 3:
        await person.leave_call()
        await person.leave_room()
    person.connection.close()


async def pass_by(person: Person) -> None:
    """Ask for what everybody may see, and for what is not there."""
    await person.ask("status", "GET", "/status.php")
    await person.ask("capabilities", "GET", "/ocs/v2.php/cloud/capabilities?format=json")
    await person.ask("no room", "GET", api("v4/room/abcdefgh"))
    await person.ask("no route", "GET", api("v4/nothing"))
    await person.show_page()
    person.connection.close()
