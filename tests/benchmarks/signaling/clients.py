"""WebSocket clients of an HPB, in a process of their own, so that their CPU is not the servers'.

It talks in lines of JSON. It first reads where site and HPB are and who the people are by
conversation, then commands, and reports the result of each:

    {"arrive": SECONDS}  let all come into their conversations, at the site and at the HPB
    {"join": SECONDS}    let all join the call; wait until each knows of all in its conversation
    {"leave": SECONDS}   let all say bye to the HPB

SECONDS is how long that may take.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from talk_calls.contrib.simulation.http import Connection
from tests.benchmarks.load import require_success
from tests.servers.web import PROXY_HEADERS

_API = "/ocs/v2.php/apps/spreed/api"

_FLAGS = 7

#: Seconds between two looks whether all know of all.
_LOOK = 0.01


@dataclass
class Client:
    """Somebody in a conversation, with a WebSocket.

    ``in_call`` are the HPB's ids of the sessions that are in the call, as far as it was told.
    """

    site: str
    websocket_url: str
    token: str
    credentials: str
    session_id: str = ""
    in_call: set[str] = field(default_factory=set)
    received: int = 0
    version: str = ""
    _websocket: ClientConnection | None = None
    _reading: asyncio.Task[None] | None = None

    async def arrive(self) -> None:
        """Open a session at the site, log in at the HPB, and enter the conversation there."""
        site = self._connection()
        session = await self._send(site, "POST", f"v4/room/{self.token}/participants/active", {})
        settings = await self._send(site, "GET", f"v3/signaling/settings?token={self.token}")
        site.close()
        self._websocket = await connect(
            self.websocket_url, compression=None, max_size=None, proxy=None, ping_interval=None
        )
        hello = await self._ask("hello", self._hello(settings["helloAuthParams"]))
        self.session_id = hello["sessionid"]
        await self._ask("room", {"roomid": self.token, "sessionid": session["sessionId"]})
        self._reading = asyncio.create_task(self._read())

    async def join(self) -> None:
        """Join the call."""
        site = self._connection()
        await self._send(site, "POST", f"v3/call/{self.token}", {"flags": _FLAGS})
        site.close()

    async def leave(self) -> None:
        """Leave the HPB, which tells the site."""
        assert self._websocket is not None
        await self._websocket.send(json.dumps({"id": "bye", "type": "bye", "bye": {}}))
        assert self._reading is not None
        await self._reading

    @property
    def is_connected(self) -> bool:
        """Tell whether the HPB has not closed the connection."""
        return self._reading is not None and not self._reading.done()

    def _hello(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Return the content of a hello: with a token, or with a ticket if there is none."""
        self.version = "2.0" if "2.0" in shown else "1.0"
        url = f"{self.site}{_API}/v3/signaling/backend"
        return {"version": self.version, "auth": {"url": url, "params": shown[self.version]}}

    def _connection(self) -> Connection:
        return Connection(
            self.site, {**PROXY_HEADERS, "Authorization": f"Basic {self.credentials}"}
        )

    async def _send(self, site: Connection, method: str, path: str, values: Any = None) -> Any:
        mark = "&" if "?" in path else "?"
        body = b"" if values is None else json.dumps(values).encode()
        response = await site.request(method, f"{_API}/{path}{mark}format=json", body)
        require_success(response)
        return response.data

    async def _ask(self, kind: str, body: Any) -> Any:
        """Send a frame; return the content of its answer, and take in what comes before that."""
        assert self._websocket is not None
        await self._websocket.send(json.dumps({"id": kind, "type": kind, kind: body}))
        while True:
            frame = json.loads(await self._websocket.recv())
            if frame.get("id") == kind:
                if frame["type"] != kind:
                    sys.exit(f"The HPB answered {frame}")
                return frame[kind]

    async def _read(self) -> None:
        assert self._websocket is not None
        with suppress(ConnectionClosed):
            while True:
                frame = await self._websocket.recv(decode=False)
                self.received += len(frame)
                self._take(frame)

    def _take(self, frame: bytes) -> None:
        if b'"participants"' not in frame[:200]:
            return
        came, went, everybody = _read_update(frame)
        if everybody:
            self.in_call.clear()
        self.in_call |= came
        self.in_call -= went


@lru_cache(maxsize=64)
def _read_update(frame: bytes) -> tuple[set[str], set[str], bool]:
    """Return who came and who went by an event, and whether all went; the same for many clients."""
    update = json.loads(frame)["event"]["update"]
    rows = update.get("users") or []
    came = {row["sessionId"] for row in rows if row["inCall"]}
    return came, {row["sessionId"] for row in rows} - came, bool(update.get("all"))


class Clients:
    """All clients by conversation; ``at_once`` requests to the site at a time."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._at_once: int = plan["at_once"]
        self._by_token = {
            token: [
                Client(plan["site"], plan["websocket"], token, each["credentials"])
                for each in people
            ]
            for token, people in plan["conversations"].items()
        }
        self._all = [each for clients in self._by_token.values() for each in clients]

    async def arrive(self, patience: float) -> dict[str, Any]:
        """Return when all are in their conversations."""
        start = time.perf_counter()
        async with asyncio.timeout(patience):
            await self._each(Client.arrive)
        return {
            "seconds": time.perf_counter() - start,
            "hello": sorted({each.version for each in self._all}),
        }

    async def join(self, patience: float) -> dict[str, Any]:
        """Return when all know of all, or when the time is up.

        ``answered`` and ``known`` are seconds until all requests were answered, and until all knew,
        None if some did not. ``received`` is how many bytes the HPB sent to clients meanwhile.
        """
        start, before = time.perf_counter(), self._received()
        joining = asyncio.create_task(self._each(Client.join))
        answered: list[float] = []
        joining.add_done_callback(lambda _: answered.append(time.perf_counter() - start))
        while not (joining.done() and self._all_know()) and time.perf_counter() - start < patience:
            await asyncio.sleep(_LOOK)
        elapsed = time.perf_counter() - start
        known = sum(self._knows(each) for each in self._all)
        return {
            "answered": answered[0] if answered else None,
            "known": elapsed if known == len(self._all) else None,
            "who_know": known,
            "received": self._received() - before,
            "lost": sum(not each.is_connected for each in self._all),
        }

    async def leave(self, patience: float) -> dict[str, Any]:
        """Return when the HPB has closed all connections."""
        start = time.perf_counter()
        async with asyncio.timeout(patience):
            await self._each(Client.leave)
        return {"seconds": time.perf_counter() - start}

    def _received(self) -> int:
        return sum(each.received for each in self._all)

    def _all_know(self) -> bool:
        return all(map(self._knows, self._all))

    def _knows(self, client: Client) -> bool:
        """Tell whether a client knows that all in its conversation are in the call."""
        return len(client.in_call) == len(self._by_token[client.token])

    async def _each(self, act: Callable[[Client], Awaitable[None]]) -> None:
        """Let all act, some at a time, those of all conversations in turn."""
        order = iter(list(_in_turn(self._by_token.values())))

        async def work() -> None:
            for client in order:
                await act(client)

        await asyncio.gather(*(work() for _ in range(self._at_once)))


def _in_turn(conversations: Iterable[list[Client]]) -> Iterable[Client]:
    longest = max(map(len, conversations))
    for number in range(longest):
        yield from (clients[number] for clients in conversations if number < len(clients))


async def main() -> None:
    clients = Clients(await _next_line())
    actions = {"arrive": clients.arrive, "join": clients.join, "leave": clients.leave}
    while command := await _next_line():
        [(name, patience)] = command.items()
        begin = time.process_time()
        result = await actions[name](patience)
        print(json.dumps({**result, "cpu": time.process_time() - begin}), flush=True)


async def _next_line() -> Any:
    line = await asyncio.to_thread(sys.stdin.readline)
    return json.loads(line) if line else None


if __name__ == "__main__":
    asyncio.run(main())
