"""The load generator, a process of its own, so that its CPU time is not counted as the server's.

It talks in lines of JSON: it reads a plan, warms up and reports that; at the next line it measures
and reports the figures. Each client sends its next request when the last one is answered. It renews
its connection regularly, so that it does not stay with one worker of the server.
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


async def measure(plan: dict[str, Any]) -> dict[str, float]:
    """Warm up, wait for a line, measure."""
    clients = [
        Client(Connection(plan["url"]), [encoded(request) for request in requests])
        for requests in plan["clients"]
    ]
    await _run(clients, plan["warm_up"])
    print(json.dumps({"warm": True}), flush=True)
    sys.stdin.readline()  # blocks the event loop: nothing else is to happen until it comes
    start, cpu = time.perf_counter(), time.process_time()
    await _run(clients, plan["seconds"])
    elapsed = time.perf_counter() - start
    latencies = sorted(latency for client in clients for latency in client.latencies)
    return {
        "requests": len(latencies),
        "seconds": elapsed,
        "cpu": time.process_time() - cpu,
        "p50_ms": percentile(latencies, 50),
        "p99_ms": percentile(latencies, 99),
    }


async def _run(clients: list[Client], seconds: float) -> None:
    await asyncio.gather(*(client.run(seconds) for client in clients))


if __name__ == "__main__":
    try:
        figures = asyncio.run(measure(json.loads(sys.stdin.readline())))
    except Unreachable as error:
        sys.exit(f"The server broke a connection: {error}")
    print(json.dumps(figures), flush=True)
