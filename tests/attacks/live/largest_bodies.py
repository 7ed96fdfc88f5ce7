"""The largest bodies that are parsed, of every kind that costs most to parse.

A join of a call with ``silentFor``, and signaling messages: lists, texts, numbers and objects in
each other, of 256 KiB. ``tests/attacks/test_bodies.py`` sends them to every route; here the whole
server is measured.
"""

import asyncio
import time
from collections.abc import Iterator

from talk_calls.contrib.simulation.http import Connection
from tests.attacks.bodies import json_bodies, messages
from tests.attacks.harness.figures import Figure
from tests.attacks.harness.site import Site, api

#: How often each body is sent.
_TIMES = 10

#: Milliseconds of CPU of the server and of PostgreSQL that one may cost. The clock of /proc ticks
#: every 10 ms, so a body is measured by all its repetitions.
_MOST = 150


def run(site: Site) -> list[Figure]:
    """Send each body some times, and tell the dearest one."""
    costs, statuses = asyncio.run(_send_all(site))
    dearest = max(costs, key=lambda kind: costs[kind])
    return [
        Figure("kinds of bodies", len(costs)),
        Figure(f"dearest: {dearest}", costs[dearest], "ms CPU", most=_MOST),
        Figure("mean of all", sum(costs.values()) / len(costs), "ms CPU"),
        Figure("answers of 500 or more", sum(each >= 500 for each in statuses), most=0),
    ]


async def _send_all(site: Site) -> tuple[dict[str, float], list[int]]:
    group = site.groups[0]
    client = site.client(group.members[0])
    joined = await client.request("POST", api(f"v4/room/{group.token}/participants/active"))
    costs: dict[str, float] = {}
    statuses: list[int] = []
    for kind, path, body in _bodies(group.token, joined.data["sessionId"]):
        before, start = site.state, time.monotonic()
        statuses += await _send(client, path, body)
        after = site.state
        # What the honest people of the report cost at the same time is in it: some milliseconds.
        costs[kind] = 1000 * (after.cpu - before.cpu) / _TIMES
        await asyncio.sleep(min(0.2, time.monotonic() - start))
    client.close()
    return costs, statuses


def _bodies(token: str, session: str) -> Iterator[tuple[str, str, bytes]]:
    for kind, body in json_bodies("silentFor"):
        yield f"silentFor, {kind}", f"v4/call/{token}", body
    for kind, body in messages("messages", session):
        yield f"messages, {kind}", f"v3/signaling/{token}", body


async def _send(client: Connection, path: str, body: bytes) -> list[int]:
    return [(await client.request("POST", api(path), body)).status for _ in range(_TIMES)]
