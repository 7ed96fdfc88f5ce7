"""Guests who enter a conversation, join its call, list who is in it, leave and come back."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from talk_calls.contrib.simulation.http import Connection, Response, Unreachable
from talk_calls.contrib.simulation.live.measurements import Measurements

_API = "/ocs/v2.php/apps/spreed/api"
_HEADERS = {"User-Agent": "talk_simulate"}

#: Mean seconds between two actions of a guest.
_PAUSE = 6.0

#: Share of the whole time within which all guests arrive.
_ARRIVAL = 0.2

#: Percentage of each action of a guest in a call; "again" leaves and comes back.
_ACTIONS = {"list": 60, "flags": 30, "again": 10}
_FLAGS = (7, 3, 1)

#: Name of requests that wait for news, so that their durations do not measure the server.
POLL = "poll (waits)"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many guests call where, for how many seconds; ``tokens`` name public conversations."""

    url: str
    tokens: list[str]
    participants: int
    seconds: float


async def run(plan: Plan, measurements: Measurements, progress: Callable[[int, int], None]) -> None:
    """Let all guests call; ``measurements`` are filled meanwhile.

    ``progress`` is called with the seconds that passed, and those in all. Raises ``Unreachable`` if
    there is no such server, or it does not know the conversations.
    """
    await _check(plan)
    start = time.monotonic()
    until = start + plan.seconds
    guests = [
        Guest(plan, plan.tokens[number % len(plan.tokens)], measurements, until)
        for number in range(plan.participants)
    ]
    total = int(plan.seconds)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(guest.run()) for guest in guests]
        while not all(task.done() for task in tasks):
            progress(min(int(time.monotonic() - start), total - 1), total)
            await asyncio.sleep(0.1)
    measurements.seconds = time.monotonic() - start
    progress(total, total)


async def _check(plan: Plan) -> None:
    connection = Connection(plan.url, _HEADERS)
    response = await connection.request("GET", f"{_API}/v4/room/{plan.tokens[0]}")
    connection.close()
    if response.data is None or response.status != HTTPStatus.OK:
        raise Unreachable(f"it does not know our conversations: status {response.status}")


class Guest:
    """A client without an account, which keeps its cookies as a browser does."""

    def __init__(self, plan: Plan, token: str, measurements: Measurements, until: float) -> None:
        self._plan, self._token, self._until = plan, token, until
        self._measurements = measurements
        self._connection = Connection(plan.url, _HEADERS)

    async def run(self) -> None:
        """Arrive, and call again and again until the time is up."""
        await self._sleep(random.uniform(0, self._plan.seconds * _ARRIVAL))  # noqa: S311
        while time.monotonic() < self._until:
            await self._visit()
        self._connection.close()

    async def _visit(self) -> None:
        """Enter, join the call while another connection polls, and leave the conversation."""
        path = f"v4/room/{self._token}/participants/active"
        if not await self._do("enter", "POST", path):
            await self._sleep(_PAUSE)
            return
        polls = Connection(self._plan.url, _HEADERS, self._connection.cookies)
        polling = asyncio.create_task(self._poll(polls))
        try:
            await self._call()
        finally:
            polling.cancel()
            await asyncio.wait([polling])
            polls.close()
        await self._do("go", "DELETE", path)

    async def _call(self) -> None:
        """Join the call, act in it until the time is up or "again" is drawn, and leave it."""
        path = f"v4/call/{self._token}"
        await self._do("join", "POST", path, flags=_FLAGS[0])
        action = "list"
        while action != "again" and time.monotonic() < self._until:
            await self._sleep(random.expovariate(1 / _PAUSE))
            [action] = random.choices(list(_ACTIONS), list(_ACTIONS.values()))  # noqa: S311
            if action == "list":
                await self._do("list", "GET", path)
            elif action == "flags":
                await self._do("flags", "PUT", path, flags=random.choice(_FLAGS))  # noqa: S311
        await self._do("leave", "DELETE", path)

    async def _poll(self, connection: Connection) -> None:
        """Poll without end, which also keeps the session from timing out."""
        while True:
            path = f"v3/signaling/{self._token}"
            response = await self._request(connection, POLL, "GET", path)
            if response is None or response.status != HTTPStatus.OK:
                await asyncio.sleep(1)

    async def _do(self, kind: str, method: str, path: str, **values: int) -> bool:
        """Send a request that does not wait; return whether it succeeded."""
        response = await self._request(self._connection, kind, method, path, **values)
        return response is not None and response.status < HTTPStatus.BAD_REQUEST

    async def _request(
        self, connection: Connection, kind: str, method: str, path: str, **values: int
    ) -> Response | None:
        body = json.dumps(values).encode() if values else b""
        start = time.monotonic()
        try:
            response = await connection.request(method, f"{_API}/{path}", body)
        except Unreachable as error:
            self._measurements.add_failure(kind, str(error))
            return None
        self._measurements.add_response(kind, time.monotonic() - start, response.status)
        return response

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, min(seconds, self._until - time.monotonic())))
