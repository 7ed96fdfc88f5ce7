"""Clients that wait; runs as a process of its own, so that its CPU and memory are nobody else's.

Reads where the site is and who there is, lets everybody poll and says so as soon as all of them
wait. Then it is told in lines of JSON what to do, and answers each with what it saw:

    {"messages": N}     send N messages, one at a time, each to somebody else
    {"join": token}     let the first of a conversation, who does not wait, join its call
    {"leave": token}    and leave it
"""

import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

_API = "/ocs/v2.php/apps/spreed/api/v3"

#: Requests at a time while everybody begins to wait.
_AT_ONCE = 8

#: Seconds after which a server may have closed a connection that is not used.
_KEPT = 3.0

#: Seconds without any answer after which all of them wait.
_SILENCE = 1.0


@dataclass
class Client:
    """One device, with a connection of its own; ``told`` are the moments of its answers."""

    address: tuple[str, int]
    token: str
    session: str
    credentials: str
    told: list[float] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    _cookie: str = ""
    _streams: Any = None
    _used: float = 0.0

    async def wait(self) -> None:
        """Poll for ever."""
        while True:
            await self.ask("GET", f"signaling/{self.token}")
            self.told.append(time.perf_counter())
            self.news.set()

    async def ask(self, method: str, path: str, body: str = "") -> bytes:
        """Send a request and return the body of its answer."""
        if time.monotonic() > self._used + _KEPT:
            self._streams = await asyncio.open_connection(*self.address)
        reader, writer = self._streams
        writer.write(self._request(method, path, body))
        head = await reader.readuntil(b"\r\n\r\n")
        found: bytes = await reader.readexactly(int(_header(head, b"content-length")))
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            sys.exit(f"The server answered {head!r} {found[:300]!r}")
        self._used = time.monotonic()
        self._cookie = _header(head, b"set-cookie").partition(b";")[0].decode() or self._cookie
        return found

    def _request(self, method: str, path: str, body: str) -> bytes:
        lines = [
            f"{method} {_API}/{path}?format=json HTTP/1.1",
            "Host: talk.example",
            "X-Forwarded-Proto: https",  # from the proxy that ends TLS
            f"Authorization: Basic {self.credentials}",
            "OCS-APIRequest: true",
            "Accept: application/json",
            "User-Agent: bench",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            *([f"Cookie: {self._cookie}"] if self._cookie else []),
        ]
        return "\r\n".join([*lines, "", body]).encode()


def _header(head: bytes, name: bytes) -> bytes:
    before, found, _ = head.lower().partition(b"\r\n" + name + b": ")
    if not found:
        return b""
    start = len(before) + len(found)
    return head[start:].split(b"\r\n", 1)[0]


class Load:
    """Everybody who waits, by conversation, and one in each who acts."""

    def __init__(self, plan: dict[str, Any]) -> None:
        address = (plan["host"], plan["port"])
        self._rooms = {
            token: [Client(address, token, **person) for person in people]
            for token, people in plan["rooms"].items()
        }
        self._waiting = [client for _, *others in self._rooms.values() for client in others]

    async def begin(self) -> dict[str, Any]:
        """Return as soon as all of them wait."""
        start = time.perf_counter()
        gate = asyncio.Semaphore(_AT_ONCE)
        self._tasks = [asyncio.create_task(_begin(client, gate)) for client in self._waiting]
        while not all(client.told for client in self._waiting):
            await self._check()
        await self._silence()
        return {"waiting": len(self._waiting), "seconds": time.perf_counter() - start - _SILENCE}

    async def messages(self, count: int) -> dict[str, Any]:
        """Return how long messages took, from the start of the request to the end of the answer."""
        latencies, sends = [], []
        for _ in range(count):
            to = random.choice(self._waiting)
            to.news.clear()
            start = time.perf_counter()
            sending = asyncio.create_task(self._send(self._rooms[to.token][0], to))
            await asyncio.wait_for(to.news.wait(), 30)
            latencies.append(to.told[-1] - start)
            sends.append(await sending - start)
            await asyncio.sleep(0.03)  # it asks again meanwhile
        return {"latencies": latencies, "sends": sends}

    async def join(self, token: str) -> dict[str, Any]:
        """Return after what time each of a conversation knew that somebody joined its call."""
        return await self._act("POST", token)

    async def leave(self, token: str) -> dict[str, Any]:
        """Return after what time each knew that they left."""
        return await self._act("DELETE", token)

    async def _act(self, method: str, token: str) -> dict[str, Any]:
        actor, *others = self._rooms[token]
        for client in others:
            client.told.clear()
        start = time.perf_counter()
        await actor.ask(method, f"call/{token}", "flags=7" if method == "POST" else "")
        while not all(client.told for client in others):
            await self._check()
        first = [client.told[0] - start for client in others]
        await self._silence()
        return {"told": first}

    async def _send(self, sender: Client, to: Client) -> float:
        """Send a message; return when that was acknowledged."""
        fn = json.dumps({"to": to.session, "type": "candidate", "payload": {"candidate": "x" * 80}})
        items = json.dumps([{"ev": "message", "fn": fn, "sessionId": sender.session}])
        await sender.ask("POST", f"signaling/{to.token}", f"messages={quote(items)}")
        return time.perf_counter()

    async def _silence(self) -> None:
        while any(time.perf_counter() - c.told[-1] < _SILENCE for c in self._waiting if c.told):
            await self._check()

    async def _check(self) -> None:
        """Let some time pass; who fails, fails us."""
        await asyncio.sleep(0.05)
        for task in self._tasks:
            if task.done():
                task.result()


async def _begin(client: Client, gate: asyncio.Semaphore) -> None:
    """Poll once among few others, as the first answer comes at once; then wait."""
    async with gate:
        await client.ask("GET", f"signaling/{client.token}")
    client.told.append(time.perf_counter())
    await client.wait()


async def main() -> None:
    load = Load(json.loads(await _line()))
    _say(await load.begin())
    while line := await _line():
        [(word, argument)] = json.loads(line).items()
        _say(await getattr(load, word)(argument))


async def _line() -> str:
    return await asyncio.to_thread(sys.stdin.readline)


def _say(what: dict[str, Any]) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
