"""The load generator, a process of its own, so that its CPU time is not counted as the server's.

It talks in lines of JSON: it reads a plan, then seconds, line by line; for so long it sends
requests, and reports the figures. Each client sends its next request when the last one is answered.
It renews its connection regularly, so that it does not stay with one worker of the server.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import cycle
from typing import Any

from talk_calls.contrib.simulation.http import Connection, Response, Unreachable, encode_request
from talk_calls.contrib.simulation.live.measurements import percentile
from tests.benchmarks.cases import Request

_REQUESTS_PER_CONNECTION = 50


@dataclass
class Client:
    """A client that repeats its encoded requests; ``latencies`` are in seconds."""

    connection: Connection
    requests: list[bytes]
    latencies: list[float] = field(default_factory=list)
    _left: int = _REQUESTS_PER_CONNECTION

    async def run(self, seconds: float) -> None:
        """Send all requests again and again until the time is up."""
        self._left = 0  # the server closed a connection that was idle for long
        end = time.perf_counter() + seconds
        requests = cycle(self.requests)
        self.latencies.clear()
        while time.perf_counter() < end:
            for _ in self.requests:
                await self._send(next(requests))

    async def _send(self, request: bytes) -> None:
        if not self._left:
            self.connection.close()
            self._left = _REQUESTS_PER_CONNECTION
        self._left -= 1
        await self.connection.open()  # not part of the latency
        start = time.perf_counter()
        response = await self.connection.send(request)
        self.latencies.append(time.perf_counter() - start)
        require_success(response)


def encoded(request: Request) -> bytes:
    """Return a request as it is sent."""
    body = request["body"].encode()
    return encode_request(request["method"], request["path"], request["headers"], body)


def require_success(response: Response) -> None:
    """Exit if a response is no success, as its figures would mean nothing."""
    if response.status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        sys.exit(f"The server answered {response.status} {response.body[:300]!r}")


async def measure(clients: list[Client], seconds: float) -> dict[str, float]:
    """Let all clients send requests, and return the figures."""
    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(client.run(seconds) for client in clients))
    elapsed = time.perf_counter() - start
    latencies = sorted(latency for client in clients for latency in client.latencies)
    return {
        "requests": len(latencies),
        "seconds": elapsed,
        "cpu": time.process_time() - cpu,
        "p50_ms": percentile(latencies, 50),
        "p99_ms": percentile(latencies, 99),
    }


async def main() -> None:
    plan: dict[str, Any] = json.loads(sys.stdin.readline())
    clients = [
        Client(Connection(plan["url"]), [encoded(request) for request in requests])
        for requests in plan["clients"]
    ]
    # Reading blocks the event loop: nothing is to happen between the lines.
    for line in sys.stdin:
        print(json.dumps(await measure(clients, json.loads(line))), flush=True)


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except Unreachable as error:
        sys.exit(f"The server broke a connection: {error}")
