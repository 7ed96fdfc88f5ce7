"""The load generator; runs as a process of its own, so that its CPU is not the server's.

Reads a plan, warms up and says so; at the next word it measures and reports what it saw, all in
lines of JSON. Every client sends its next request when the last is answered, on a connection that
it renews now and then, so that none stays with the worker that it first met.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

_REQUESTS_PER_CONNECTION = 50


@dataclass
class Client:
    """One client with its requests as bytes, and the latencies that it saw."""

    host: str
    port: int
    requests: list[bytes]
    latencies: list[float] = field(default_factory=list)
    _left: int = 0
    _reader: Any = None
    _writer: Any = None

    async def run(self, seconds: float) -> None:
        """Send whole rounds of requests until the time is up."""
        end = time.perf_counter() + seconds
        rounds = cycle(self.requests)
        self.latencies.clear()
        while time.perf_counter() < end:
            for _ in self.requests:
                await self._timed(next(rounds))

    async def _timed(self, request: bytes) -> None:
        if not self._left:
            await self._reconnect()
        self._left -= 1
        start = time.perf_counter()
        self._writer.write(request)
        await self._answer()
        self.latencies.append(time.perf_counter() - start)

    async def _reconnect(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        self._left = _REQUESTS_PER_CONNECTION

    async def _answer(self) -> None:
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"\r\ncontent-length:")[2].split(b"\r\n", 1)[0])
        body = await self._reader.readexactly(length)
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            sys.exit(f"The server answered {head!r} {body[:300]!r}")
        if b"\r\nconnection: close" in head:
            self._left = 0


def as_bytes(request: dict[str, Any]) -> bytes:
    """Return a request as it travels."""
    body: bytes = request["body"].encode()
    headers = {**request["headers"], "Content-Length": len(body)}
    lines = [f"{request['method']} {request['path']} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join([*lines, "", ""])
    return head.encode() + body


async def measure(plan: dict[str, Any]) -> dict[str, float]:
    """Warm up, wait for the word, measure."""
    clients = [
        Client(plan["host"], plan["port"], [as_bytes(request) for request in requests])
        for requests in plan["clients"]
    ]
    await _all(clients, plan["warm_up"])
    print(json.dumps({"warm": True}), flush=True)
    sys.stdin.readline()  # nothing else is to happen until it comes
    start, cpu = time.perf_counter(), time.process_time()
    await _all(clients, plan["seconds"])
    elapsed = time.perf_counter() - start
    latencies = sorted(latency for client in clients for latency in client.latencies)
    return {
        "requests": len(latencies),
        "seconds": elapsed,
        "cpu": time.process_time() - cpu,
        "p50_ms": percentile(latencies, 50),
        "p99_ms": percentile(latencies, 99),
    }


async def _all(clients: list[Client], seconds: float) -> None:
    await asyncio.gather(*(client.run(seconds) for client in clients))


def percentile(latencies: list[float], percent: int) -> float:
    """Return the latency, in milliseconds, that ``percent`` of the requests did not exceed."""
    return latencies[-(-len(latencies) * percent // 100) - 1] * 1000


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure(json.loads(sys.stdin.readline())))), flush=True)
