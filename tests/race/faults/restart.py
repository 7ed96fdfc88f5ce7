"""PostgreSQL is restarted in the middle of requests."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime

from django.db import connection

from tests.race.clients import Device, Witness
from tests.race.faults import people
from tests.race.faults.people import Outcome, act
from tests.race.history import History
from tests.race.site import Site

ROOMS = 4

#: Seconds of requests before and after.
_AROUND = 2.0


def rooms() -> list[History]:
    """Return where people are when it happens."""
    return [people.room(100 + number, people=3, guests=1) for number in range(ROOMS)]


def run(site: Site, histories: Sequence[History], credentials: dict[int, str]) -> Outcome:
    """Restart it, and look at the answers."""
    assert site.cluster is not None
    servers = site.servers(2)
    witness = Witness()
    everybody = [
        device
        for history in histories
        for device in people.devices(history, credentials, servers, witness)
    ]
    took, again = asyncio.run(_restart(site, everybody, witness))
    connection.close()  # our own is cut too
    statuses = dict(sorted(witness.statuses.items()))
    for server in servers:
        server.kill()
    wrong = [*witness.complaints]
    if not statuses.get("200") or again is None:
        wrong.append("no request succeeds after the restart")
    line = f"PostgreSQL restarted in {took:.1f} s: answers {statuses}"
    return Outcome(f"{line}, good again {again or 0:.2f} s after it", wrong)


async def _restart(
    site: Site, everybody: Sequence[Device], witness: Witness
) -> tuple[float, float | None]:
    """Return how long it took, and after what time somebody entered again."""
    tasks = [asyncio.create_task(_live(device)) for device in everybody]
    await asyncio.sleep(_AROUND)
    felt = asyncio.create_task(_feel(witness))
    begun = time.monotonic()
    assert site.cluster is not None
    await asyncio.to_thread(site.cluster.restart)
    took = time.monotonic() - begun
    up = time.monotonic()
    again = None
    while again is None and time.monotonic() < up + _AROUND:
        answer = await act(everybody[0], "list")
        if answer and answer.status < 500:
            again = time.monotonic() - up
    felt.cancel()
    await asyncio.sleep(_AROUND)
    for task in (*tasks, felt):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    return took, again


async def _live(device: Device) -> None:
    """Come and go until told to stop."""
    while True:
        for action in ("enter", "join", "list", "ping", "leave"):
            await act(device, action)
            await asyncio.sleep(0.05)


async def _feel(witness: Witness) -> None:
    """Note all the time that connections are cut."""
    while True:
        witness.cuts.append(datetime.now(UTC))
        await asyncio.sleep(0.1)
