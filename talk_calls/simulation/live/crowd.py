"""Guests who enter a conversation, call, look who is there, and leave and come back."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from talk_calls.simulation.live.http import Answer, Connection, Unreachable
from talk_calls.simulation.live.measures import Measures

_API = "/ocs/v2.php/apps/spreed/api"

#: Seconds between two things that somebody does, on average.
_PAUSE = 6.0

#: Within what part of the time everybody comes.
_COMING = 0.2

#: What somebody does next while in the call, and how often.
_DEEDS = {"list": 60, "flags": 30, "again": 10}
_FLAGS = (7, 3, 1)

#: What a request is called that waits for news, so that its time is no measure of the server.
POLL = "poll (waits)"


@dataclass(frozen=True, slots=True)
class Plan:
    """Who calls where, and for how many seconds; ``tokens`` name public conversations."""

    url: str
    tokens: list[str]
    participants: int
    seconds: float


async def meet(plan: Plan, measures: Measures, progress: Callable[[int, int], None]) -> None:
    """Let everybody call; ``measures`` are filled meanwhile.

    Raises ``Unreachable`` if there is no such server, or it does not know the conversations.
    """
    door = Connection(plan.url)
    answer = await door.ask("GET", f"{_API}/v4/room/{plan.tokens[0]}")
    door.close()
    if answer.data is None or answer.status != 200:  # noqa: PLR2004
        raise Unreachable(f"it does not know our conversations: status {answer.status}")
    began = time.monotonic()
    until = began + plan.seconds
    people = [
        Guest(plan, plan.tokens[number % len(plan.tokens)], measures, until)
        for number in range(plan.participants)
    ]
    total = int(plan.seconds)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(person.live()) for person in people]
        while not all(task.done() for task in tasks):
            progress(min(int(time.monotonic() - began), total - 1), total)
            await asyncio.sleep(0.1)
    measures.seconds = time.monotonic() - began
    progress(total, total)


class Guest:
    """Somebody without an account, with a browser of their own."""

    def __init__(self, plan: Plan, token: str, measures: Measures, until: float) -> None:
        self._plan, self._token, self._measures, self._until = plan, token, measures, until
        self._acts = Connection(plan.url)

    async def live(self) -> None:
        """Come, call and go, until the time is up."""
        await self._sleep(random.uniform(0, self._plan.seconds * _COMING))  # noqa: S311
        while time.monotonic() < self._until:
            await self._visit()
        self._acts.close()

    async def _visit(self) -> None:
        if not await self._do("enter", "POST", f"v4/room/{self._token}/participants/active"):
            await self._sleep(_PAUSE)
            return
        polls = Connection(self._plan.url, self._acts.cookies)
        polling = asyncio.create_task(self._poll(polls))
        try:
            await self._call()
        finally:
            polling.cancel()
            await asyncio.wait([polling])
            polls.close()
        await self._do("go", "DELETE", f"v4/room/{self._token}/participants/active")

    async def _call(self) -> None:
        """Be in the call, until the time is up or somebody has had enough."""
        path = f"v4/call/{self._token}"
        await self._do("join", "POST", path, flags=_FLAGS[0])
        deed = "list"
        while deed != "again" and time.monotonic() < self._until:
            await self._sleep(random.expovariate(1 / _PAUSE))
            [deed] = random.choices(list(_DEEDS), list(_DEEDS.values()))  # noqa: S311
            if deed == "list":
                await self._do("list", "GET", path)
            elif deed == "flags":
                await self._do("flags", "PUT", path, flags=random.choice(_FLAGS))  # noqa: S311
        await self._do("leave", "DELETE", path)

    async def _poll(self, connection: Connection) -> None:
        """Wait for news all the time, which is also what says that we are still there."""
        while True:
            answer = await self._ask(connection, POLL, "GET", f"v3/signaling/{self._token}")
            if answer is None or answer.status != 200:  # noqa: PLR2004
                await asyncio.sleep(1)

    async def _do(self, kind: str, method: str, path: str, **values: int) -> bool:
        answer = await self._ask(self._acts, kind, method, path, **values)
        return answer is not None and answer.status < 400  # noqa: PLR2004

    async def _ask(
        self, connection: Connection, kind: str, method: str, path: str, **values: int
    ) -> Answer | None:
        start = time.monotonic()
        try:
            answer = await connection.ask(method, f"{_API}/{path}", **values)
        except Unreachable as error:
            self._measures.fail(kind, str(error))
            return None
        self._measures.note(kind, time.monotonic() - start, answer.status)
        return answer

    async def _sleep(self, seconds: float) -> None:
        await asyncio.sleep(max(0.0, min(seconds, self._until - time.monotonic())))
