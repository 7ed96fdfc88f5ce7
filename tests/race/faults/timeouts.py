"""Clients join a call and fall silent; measures how long they are still listed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from talk_calls.conf import conf
from talk_calls.models import Session
from tests.race.clients import Device
from tests.race.faults import scenario
from tests.race.faults.scenario import Outcome, listed_sessions, send
from tests.race.history import History
from tests.race.observer import Observer
from tests.race.site import Site

#: Seconds by which a session may be listed longer than SESSION_TIMEOUT.
BOUND = 1.0

#: Seconds by which our clock and those of two servers may differ.
_EARLY = 0.1

_LIST_EVERY = 0.05

#: Clients that join in a second; more would measure how requests queue, not how sessions time out.
_RATE = 20


def histories(clients: int) -> list[History]:
    """Return the conversation; its owner lists the call."""
    return [scenario.conversation(300, users=1, guests=clients)]


def run(site: Site, conversations: Sequence[History], credentials: dict[int, str]) -> Outcome:
    """List the call until all are timed out, and compare with their last pings."""
    servers = site.servers(2)
    observer = Observer()
    owner, *clients = scenario.devices(conversations[0], credentials, servers, observer)
    gone, pings = asyncio.run(_watch(owner, clients))
    for server in servers:
        server.kill()
    late = sorted(
        (gone[device.session_id] - pings[device.session_id] - conf.session_timeout).total_seconds()
        for device in clients
        if device.session_id in gone and device.session_id in pings
    )
    wrong = [*observer.errors]
    if len(late) < len(clients):
        wrong.append(
            f"{len(clients) - len(late)} of {len(clients)} were not seen to join and to time out"
        )
    if not late:
        return Outcome("nobody timed out", wrong)
    wrong += [f"a session was listed {each:.2f} s too long" for each in late if each > BOUND]
    wrong += [f"a session timed out {-each:.2f} s early" for each in late if each < -_EARLY]
    p99 = late[-(-len(late) * 99 // 100) - 1]
    line = f"{len(late)} sessions timed out at last ping + timeout + at most {late[-1]:.3f} s"
    return Outcome(f"{line} (p99 {p99:.3f} s)", wrong)


async def _watch(
    owner: Device, clients: Sequence[Device]
) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """Return by session id when each was first missing, and its last ping as stored."""
    arrivals = [
        asyncio.create_task(_join(client, after=number / _RATE))
        for number, client in enumerate(clients)
    ]
    there: set[str] = set()
    gone: dict[str, datetime] = {}
    pings: dict[str, datetime] = {}
    latest = timedelta(seconds=len(clients) / _RATE + 5 * BOUND) + conf.session_timeout
    until = datetime.now(UTC) + latest
    while len(gone) < len(clients) and datetime.now(UTC) < until:
        seen = await listed_sessions(owner)
        now = datetime.now(UTC)
        if seen is not None:
            if seen - pings.keys():
                pings |= await asyncio.to_thread(_last_pings)
            for session_id in there - seen:
                gone.setdefault(session_id, now)
            there |= seen
        await asyncio.sleep(_LIST_EVERY)
    await asyncio.gather(*arrivals)
    return gone, pings


async def _join(client: Device, *, after: float) -> None:
    await asyncio.sleep(after)
    await send(client, "enter")
    await send(client, "join")


def _last_pings() -> dict[str, datetime]:
    return dict(Session.objects.in_call().values_list("session_id", "last_ping"))
