"""Clients join and die without a word; how long they are still listed."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from talk_calls.conf import conf
from talk_calls.models import Session
from tests.race.clients import Device, Witness
from tests.race.faults import people
from tests.race.faults.people import Outcome, act, listed
from tests.race.history import History
from tests.race.site import Site

#: How much later than ``SESSION_TIMEOUT`` somebody may vanish.
BOUND = 1.0

#: How much our clock and those of two servers may disagree.
_EARLY = 0.1

_LOOK_EVERY = 0.05

#: How many arrive in a second; more would measure how requests queue, and not how ghosts vanish.
_RATE = 20


def rooms(ghosts: int) -> list[History]:
    """Return where they are."""
    return [people.room(300, people=1, guests=ghosts)]


def run(site: Site, histories: Sequence[History], credentials: dict[int, str]) -> Outcome:
    """Look until all have vanished, and compare with their last pings."""
    servers = site.servers(2)
    witness = Witness()
    watcher, *ghosts = people.devices(histories[0], credentials, servers, witness)
    gone, pings = asyncio.run(_watch(watcher, ghosts))
    for server in servers:
        server.kill()
    late = sorted(
        (gone[device.session_id] - pings[device.session_id] - conf.session_timeout).total_seconds()
        for device in ghosts
        if device.session_id in gone and device.session_id in pings
    )
    wrong = [*witness.complaints]
    if len(late) < len(ghosts):
        wrong.append(f"{len(ghosts) - len(late)} of {len(ghosts)} were not seen to come and go")
    if not late:
        return Outcome("ghosts: nobody vanished", wrong)
    wrong += [f"a ghost was listed {each:.2f} s too long" for each in late if each > BOUND]
    wrong += [f"somebody vanished {-each:.2f} s early" for each in late if each < -_EARLY]
    p99 = late[-(-len(late) * 99 // 100) - 1]
    line = f"{len(late)} ghosts vanished at last ping + timeout + at most {late[-1]:.3f} s"
    return Outcome(f"{line} (p99 {p99:.3f} s)", wrong)


async def _watch(
    watcher: Device, ghosts: Sequence[Device]
) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """Return when each was first missing, and its last ping as stored."""
    arrivals = [
        asyncio.create_task(_haunt(ghost, after=number / _RATE))
        for number, ghost in enumerate(ghosts)
    ]
    there: set[str] = set()
    gone: dict[str, datetime] = {}
    pings: dict[str, datetime] = {}
    latest = timedelta(seconds=len(ghosts) / _RATE + 5 * BOUND) + conf.session_timeout
    until = datetime.now(UTC) + latest
    while len(gone) < len(ghosts) and datetime.now(UTC) < until:
        seen = await listed(watcher)
        now = datetime.now(UTC)
        if seen is not None:
            if seen - pings.keys():
                pings |= await asyncio.to_thread(_last_pings)
            for session_id in there - seen:
                gone.setdefault(session_id, now)
            there |= seen
        await asyncio.sleep(_LOOK_EVERY)
    await asyncio.gather(*arrivals)
    return gone, pings


async def _haunt(ghost: Device, *, after: float) -> None:
    await asyncio.sleep(after)
    await act(ghost, "enter")
    await act(ghost, "join")


def _last_pings() -> dict[str, datetime]:
    return dict(Session.objects.in_call().values_list("session_id", "last_ping"))
