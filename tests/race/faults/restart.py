"""PostgreSQL is restarted during requests."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from django.db import connection

from tests.race.clients import Device
from tests.race.faults import scenario
from tests.race.faults.scenario import Outcome, send
from tests.race.history import History
from tests.race.observer import Observer
from tests.race.site import Site

CONVERSATIONS = 4

#: Seconds of requests before and after.
_AROUND = 2.0


def histories() -> list[History]:
    """Return the conversations."""
    return [
        scenario.conversation(100 + number, users=3, guests=1) for number in range(CONVERSATIONS)
    ]


def run(site: Site, conversations: Sequence[History], credentials: dict[int, str]) -> Outcome:
    """Restart it, and check the responses."""
    assert site.cluster is not None
    servers = site.servers(2)
    observer = Observer()
    everybody = [
        device
        for history in conversations
        for device in scenario.devices(history, credentials, servers, observer)
    ]
    duration, again = asyncio.run(_restart(site, everybody, observer))
    connection.close()  # the restart closed it
    statuses = dict(sorted(observer.statuses.items()))
    for server in servers:
        server.kill()
    wrong = [*observer.errors]
    if not statuses.get("200") or again is None:
        wrong.append("no request succeeds after the restart")
    line = f"PostgreSQL restarted in {duration:.1f} s: responses {statuses}"
    return Outcome(f"{line}, success again {again or 0:.2f} s after it", wrong)


async def _restart(
    site: Site, everybody: Sequence[Device], observer: Observer
) -> tuple[float, float | None]:
    """Return how long it took, and the seconds until a request succeeded again."""
    tasks = [asyncio.create_task(_act(device)) for device in everybody]
    await asyncio.sleep(_AROUND)
    noting = asyncio.create_task(_note_cuts(observer))
    start = time.monotonic()
    assert site.cluster is not None
    await asyncio.to_thread(site.cluster.restart)
    duration = time.monotonic() - start
    up = time.monotonic()
    again = None
    while again is None and time.monotonic() < up + _AROUND:
        response = await send(everybody[0], "list")
        if response and response.status < 500:
            again = time.monotonic() - up
    noting.cancel()
    await asyncio.sleep(_AROUND)
    for task in (*tasks, noting):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return duration, again


async def _act(device: Device) -> None:
    """Join and leave the call until cancelled."""
    while True:
        for action in ("enter", "join", "list", "ping", "leave"):
            await send(device, action)
            await asyncio.sleep(0.05)


async def _note_cuts(observer: Observer) -> None:
    """Record without end that connections are cut."""
    while True:
        observer.cuts.append(datetime.now(UTC))
        await asyncio.sleep(0.1)
