"""Bodies that never end, on 500 connections: none of them may hold a thread."""

import asyncio
import time

from talk_calls.contrib.simulation.http import Connection, encode_request
from tests.attacks.harness.figures import Figure
from tests.attacks.harness.site import Site, api, headers_of

#: How many connections, and for how many seconds.
_CONNECTIONS, _SECONDS = 500, 5

#: Milliseconds that somebody else's request may take at most meanwhile.
_MOST = 2000


def run(site: Site) -> list[Figure]:
    """Open the connections, and ask for something else meanwhile."""
    before = site.state
    longest = asyncio.run(_drip(site))
    return [
        Figure("connections", _CONNECTIONS),
        Figure("longest other request", 1000 * longest, "ms", most=_MOST),
        Figure("CPU", site.state.cpu - before.cpu, "s"),
    ]


async def _drip(site: Site) -> float:
    path = api(f"v4/call/{site.public}")
    head = encode_request("POST", path, headers_of(), b"")
    head = head.replace(b"Content-Length: 0\r\n", b"Content-Length: 100000\r\n")
    connections = [Connection(site.url) for _ in range(_CONNECTIONS)]
    for each in connections:
        _, writer = await each.open()
        writer.write(head)
    client, longest, end = site.client(), 0.0, time.monotonic() + _SECONDS
    while time.monotonic() < end:
        for each in connections[:: _CONNECTIONS // 20]:
            _, writer = await each.open()
            writer.write(b" ")
        start = time.perf_counter()
        await client.request("GET", api("v4/room"))
        longest = max(longest, time.perf_counter() - start)
        await asyncio.sleep(0.1)
    for each in (*connections, client):
        each.close()
    return longest
