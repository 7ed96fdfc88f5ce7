"""The clock of one server's machine is far ahead."""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

from talk_calls.models import Call
from tests.race.clients import Device
from tests.race.faults import scenario
from tests.race.faults.scenario import Outcome, listed_sessions, send
from tests.race.history import History
from tests.race.observer import Observer
from tests.race.processes import ForkServer, Server, forkserver
from tests.race.site import Site

#: Seconds by which it is ahead: more than any timeout here, and than that of Talk (30).
AHEAD = 40

#: Rounds of pings and lists, and the pause after each.
_ROUNDS = 8
_PAUSE = 0.5

#: Seconds by which recorded times may differ from the harness's clock.
_TOLERANCE = 1.0


def histories() -> list[History]:
    """Return the conversation."""
    return [scenario.conversation(400, users=4)]


def run(site: Site, conversations: Sequence[History], credentials: dict[int, str]) -> Outcome:
    """Let users of two servers meet in a call."""
    observer = Observer()
    with _skewed(site) as (ahead, how):
        fast = Server(ahead)
        fast.start()
        fast.wait()
        [right] = site.servers(1)
        everybody = scenario.devices(conversations[0], credentials, [right], observer)
        for device in everybody[::2]:
            device.servers = [fast]
        start = datetime.now(UTC)
        skew, wrong = asyncio.run(_meet(everybody))
        ended = datetime.now(UTC)
        fast.kill()
        right.kill()
    calls = list(Call.objects.filter(conversation_name=conversations[0].token))
    if len(calls) != 1:
        wrong.append(f"{len(calls)} calls instead of one")
    for call in calls:
        early = (start - call.started_at).total_seconds()
        late = ((call.ended_at or ended) - ended).total_seconds()
        if call.ended_at is None or max(early, late) > _TOLERANCE:
            wrong.append(f"a call from {call.started_at} to {call.ended_at}")
    if skew < AHEAD / 2:
        wrong.append(f"the clock was only {skew:.0f} s ahead")
    line = f"server {skew:.0f} s ahead ({how}): all see each other through both, one call"
    return Outcome(line, [*wrong, *observer.errors])


async def _meet(everybody: Sequence[Device]) -> tuple[float, list[str]]:
    """Return the seconds by which the first client's server is ahead, and what was wrong."""
    wrong = []
    for device in everybody:
        await send(device, "enter")
        await send(device, "join")
    expected = {device.session_id for device in everybody}
    for _ in range(_ROUNDS):
        await asyncio.gather(*(send(device, "ping") for device in everybody))
        for device in everybody:
            if (seen := await listed_sessions(device)) != expected:
                wrong.append(f"{device.username} sees {len(seen or ())} of {len(expected)}")
        await asyncio.sleep(_PAUSE)
    response = await send(everybody[0], "list")
    for device in everybody:
        await send(device, "leave")
    if response is None:
        return 0, [*wrong, "no response"]
    return (
        parsedate_to_datetime(response.headers["date"]) - datetime.now(UTC)
    ).total_seconds(), wrong


@contextmanager
def _skewed(site: Site) -> Iterator[tuple[ForkServer, str]]:
    """Start a forkserver whose clock is ahead, by libfaketime if installed, else by settings."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    environment = {**site.environment, "RACE_AHEAD": str(AHEAD)}
    how = "timezone.now"
    if libraries:
        how = "libfaketime"
        environment = {**site.environment, "LD_PRELOAD": os.fspath(libraries[0])}
        environment |= {"FAKETIME": f"+{AHEAD}s", "FAKETIME_DONT_RESET": "1"}
    with forkserver(environment, site.log) as started:
        yield started, how
