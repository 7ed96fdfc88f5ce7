"""Clients that poll, in a process of their own, so that their CPU and memory are not the server's.

It talks in lines of JSON. It first reads where the site is, what to wait for ("signaling" or
"chat") and who the people are, lets all but the first of each conversation poll, and reports when
all of them wait. Then it takes commands and reports the result of each:

    {"messages": N}     send N messages, one at a time, each to a random waiting client
    {"calls": N}        start N calls, one at a time, each in the conversation of a random client
    {"join": token}     let the first of a conversation, who does not poll, join its call
    {"leave": token}    and leave it
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from talk_calls.contrib.simulation.http import Connection
from tests.benchmarks.load import require_success
from tests.servers.web import PROXY_HEADERS

_API = "/ocs/v2.php/apps/spreed/api/v3"
_CHAT = "/ocs/v2.php/apps/spreed/api/v1/chat"

#: Requests at a time while all clients begin to wait.
_AT_ONCE = 8

#: Seconds without any response after which all of them wait.
_SILENCE = 1.0

#: Seconds for which a client asks to wait for the chat; the site lets it (site.py).
_TIMEOUT = 3600

#: Seconds that a message may take.
_MESSAGE_TIMEOUT = 30


@dataclass
class Client:
    """One session with a connection of its own; ``answered`` are the moments of its responses."""

    connection: Connection
    token: str
    session: str
    answered: list[float] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def poll(self) -> None:
        """Poll for ever."""
        while True:
            await self.wait()
            self.answered.append(time.perf_counter())
            self.news.set()

    async def arrive(self) -> None:
        """Ask for what is there, which is answered at once."""
        await self.wait()

    async def wait(self) -> None:
        """Send the request that waits."""
        await self.request("GET", f"signaling/{self.token}")

    async def request(self, method: str, path: str, form: str = "") -> None:
        """Send a request, which has to succeed."""
        url = f"{_API}/{path}?format=json"
        require_success(await self.connection.request(method, url, form.encode()))

    async def timed(self, method: str, path: str, form: str) -> float:
        """Send a request, and return when it was answered."""
        await self.request(method, path, form)
        return time.perf_counter()


@dataclass
class ChatClient(Client):
    """One that waits for the chat; ``last`` is the number of the last message that it has."""

    last: str = "0"

    async def arrive(self) -> None:
        await self._ask("lookIntoFuture=0")

    async def wait(self) -> None:
        await self._ask(f"lookIntoFuture=1&timeout={_TIMEOUT}&lastKnownMessageId={self.last}")

    async def _ask(self, query: str) -> None:
        url = f"{_CHAT}/{self.token}?format=json&setReadMarker=0&{query}"
        response = await self.connection.request("GET", url, b"")
        if response.status != HTTPStatus.NOT_MODIFIED:
            require_success(response)
        self.last = response.headers.get("x-chat-last-given", self.last)


_KINDS = {"signaling": Client, "chat": ChatClient}


def _client(kind: str, url: str, token: str, *, session: str, credentials: str) -> Client:
    headers = {
        **PROXY_HEADERS,
        "Authorization": f"Basic {credentials}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return _KINDS[kind](Connection(url, headers, timeout=None), token, session)


class Clients:
    """All clients by conversation; the first of each acts, the others poll."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._by_token = {
            token: [_client(plan["wait"], plan["url"], token, **person) for person in people]
            for token, people in plan["conversations"].items()
        }
        self._waiting = [client for _, *others in self._by_token.values() for client in others]

    async def begin(self) -> dict[str, Any]:
        """Return when all of them wait."""
        start = time.perf_counter()
        gate = asyncio.Semaphore(_AT_ONCE)
        self._tasks = [asyncio.create_task(_begin(client, gate)) for client in self._waiting]
        while not all(client.answered for client in self._waiting):
            await self._check()
        await self._silence()
        return {"waiting": len(self._waiting), "seconds": time.perf_counter() - start - _SILENCE}

    async def messages(self, count: int) -> dict[str, Any]:
        """Return the seconds from the start of each request to the response to the poll."""
        latencies, sends = [], []
        for _ in range(count):
            to = random.choice(self._waiting)
            to.news.clear()
            start = time.perf_counter()
            sending = asyncio.create_task(self._send(self._by_token[to.token][0], to))
            await asyncio.wait_for(to.news.wait(), _MESSAGE_TIMEOUT)
            latencies.append(to.answered[-1] - start)
            sends.append(await sending - start)
            await asyncio.sleep(0.03)  # until it polls again
        return {"latencies": latencies, "sends": sends}

    async def calls(self, count: int) -> dict[str, Any]:
        """Return the seconds from the start of each request to the response to the poll."""
        latencies, starts = [], []
        for _ in range(count):
            to = random.choice(self._waiting)
            actor = self._by_token[to.token][0]
            to.news.clear()
            start = time.perf_counter()
            starting = asyncio.create_task(actor.timed("POST", f"call/{to.token}", "flags=7"))
            await asyncio.wait_for(to.news.wait(), _MESSAGE_TIMEOUT)
            latencies.append(to.answered[-1] - start)
            starts.append(await starting - start)
            await actor.request("DELETE", f"call/{to.token}")
            await asyncio.sleep(0.3)  # until all of the conversation poll again
        return {"latencies": latencies, "sends": starts}

    async def join(self, token: str) -> dict[str, Any]:
        """Return the seconds after which each client of a conversation learned of a join."""
        return await self._act("POST", token)

    async def leave(self, token: str) -> dict[str, Any]:
        """Return the seconds after which each client learned that it ended."""
        return await self._act("DELETE", token)

    async def _act(self, method: str, token: str) -> dict[str, Any]:
        actor, *others = self._by_token[token]
        for client in others:
            client.answered.clear()
        start = time.perf_counter()
        await actor.request(method, f"call/{token}", "flags=7" if method == "POST" else "")
        while not all(client.answered for client in others):
            await self._check()
        first = [client.answered[0] - start for client in others]
        await self._silence()
        return {"answered": first}

    async def _send(self, sender: Client, to: Client) -> float:
        """Send a message; return when that was acknowledged."""
        fn = json.dumps({"to": to.session, "type": "candidate", "payload": {"candidate": "x" * 80}})
        items = json.dumps([{"ev": "message", "fn": fn, "sessionId": sender.session}])
        return await sender.timed("POST", f"signaling/{to.token}", f"messages={quote(items)}")

    async def _silence(self) -> None:
        while any(
            time.perf_counter() - client.answered[-1] < _SILENCE
            for client in self._waiting
            if client.answered
        ):
            await self._check()

    async def _check(self) -> None:
        """Let some time pass; raise what a client raised."""
        await asyncio.sleep(0.05)
        for task in self._tasks:
            if task.done():
                task.result()


async def _begin(client: Client, gate: asyncio.Semaphore) -> None:
    """Poll once among few others, as the first response comes at once; then wait."""
    async with gate:
        await client.arrive()
    client.answered.append(time.perf_counter())
    await client.poll()


async def main() -> None:
    clients = Clients(json.loads(await _read_line()))
    _report(await clients.begin())
    while line := await _read_line():
        [(command, argument)] = json.loads(line).items()
        _report(await getattr(clients, command)(argument))


async def _read_line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def _report(result: dict[str, Any]) -> None:
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
