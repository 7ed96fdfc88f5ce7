"""One server's own clock is far ahead."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from talk_calls.models import Call
from tests.race.clients import Device, Witness
from tests.race.faults import people
from tests.race.faults.people import Outcome, act, listed
from tests.race.history import History
from tests.race.processes import Nursery, Server, nursery
from tests.race.site import Site

#: Seconds by which it is ahead; more than any timeout here, and than Talk's own of 30.
AHEAD = 40

#: Rounds of pings and lists, and the pause after each.
_ROUNDS = 8
_PAUSE = 0.5

#: How far from the database's time anything may be noted.
_TOLERANCE = 1.0


def rooms() -> list[History]:
    """Return where they meet."""
    return [people.room(400, people=4)]


def run(site: Site, histories: Sequence[History], credentials: dict[int, str]) -> Outcome:
    """Let people meet who came through different servers."""
    witness = Witness()
    with _skewed(site) as (ahead, how):
        fast = Server(ahead)
        fast.start()
        fast.wait()
        [right] = site.servers(1)
        everybody = people.devices(histories[0], credentials, [right], witness)
        for device in everybody[::2]:
            device.servers = [fast]
        begun = datetime.now(UTC)
        skew, wrong = asyncio.run(_meet(everybody))
        ended = datetime.now(UTC)
        fast.kill()
        right.kill()
    calls = list(Call.objects.filter(conversation_name=histories[0].token))
    if len(calls) != 1:
        wrong.append(f"{len(calls)} calls instead of one")
    for call in calls:
        early = (begun - call.started_at).total_seconds()
        late = ((call.ended_at or ended) - ended).total_seconds()
        if call.ended_at is None or max(early, late) > _TOLERANCE:
            wrong.append(f"a call from {call.started_at} to {call.ended_at}")
    if skew < AHEAD / 2:
        wrong.append(f"the clock was only {skew:.0f} s ahead")
    line = f"server {skew:.0f} s ahead ({how}): all see each other through both, one call"
    return Outcome(line, [*wrong, *witness.complaints])


async def _meet(everybody: Sequence[Device]) -> tuple[float, list[str]]:
    """Return how far the first one's server is ahead, and what was wrong."""
    wrong = []
    for device in everybody:
        await act(device, "enter")
        await act(device, "join")
    expected = {device.session_id for device in everybody}
    for _ in range(_ROUNDS):
        await asyncio.gather(*(act(device, "ping") for device in everybody))
        for device in everybody:
            if (seen := await listed(device)) != expected:
                wrong.append(f"{device.who} sees {len(seen or ())} of {len(expected)}")
        await asyncio.sleep(_PAUSE)
    answer = await act(everybody[0], "list")
    for device in everybody:
        await act(device, "leave")
    if answer is None:
        return 0, [*wrong, "no answer"]
    return (parsedate_to_datetime(answer.date) - datetime.now(UTC)).total_seconds(), wrong


@contextmanager
def _skewed(site: Site) -> Iterator[tuple[Nursery, str]]:
    """Start a nursery in another time: by libfaketime, or by what settings can do themselves."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    environment = {**site.environment, "RACE_AHEAD": str(AHEAD)}
    how = "timezone.now"
    if libraries:
        how = "libfaketime"
        environment = {**site.environment, "LD_PRELOAD": os.fspath(libraries[0])}
        environment |= {"FAKETIME": f"+{AHEAD}s", "FAKETIME_DONT_RESET": "1"}
    with nursery(environment, site.log) as started:
        yield started, how
