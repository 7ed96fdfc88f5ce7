"""A server is suspended with requests in flight for longer than SESSION_TIMEOUT."""

import asyncio
from collections.abc import Sequence

from talk_calls.conf import conf
from talk_calls.contrib.simulation.http import Response
from tests.race import invariants
from tests.race.clients import Device
from tests.race.faults import scenario
from tests.race.faults.scenario import Outcome, listed_sessions, send
from tests.race.history import History
from tests.race.observer import Observer
from tests.race.processes import Server
from tests.race.site import Site

CONVERSATIONS = 8

#: What each client but the owner has in flight, and whether it joined the call before.
_LATE = (("ping", True), ("join", True), ("join", False), ("leave", True), ("ping", True))


def histories() -> list[History]:
    """Return the conversations; the owner of each lists its call."""
    return [
        scenario.conversation(200 + number, users=1 + len(_LATE)) for number in range(CONVERSATIONS)
    ]


def run(
    site: Site, conversations: Sequence[History], credentials: dict[int, str], *, seconds: float
) -> Outcome:
    """Suspend one of two servers, resume it, and check who is in the calls."""
    suspended, other = site.servers(2)
    observer = Observer()
    everybody = [
        scenario.devices(history, credentials, [suspended], observer) for history in conversations
    ]
    for owner, *_ in everybody:
        owner.servers = [other]
    wrong, late = asyncio.run(_suspend(suspended, everybody, seconds))
    for name, rows in invariants.check_snapshot().items():
        wrong += [f"{name}: {row}" for row in rows]
    for server in (suspended, other):
        server.kill()
    line = f"server suspended for {seconds:.0f} s: {late} late requests answered, nobody back in"
    return Outcome(line, [*wrong, *observer.errors])


async def _suspend(
    server: Server, everybody: Sequence[Sequence[Device]], seconds: float
) -> tuple[list[str], int]:
    await asyncio.gather(*(_arrive(devices) for devices in everybody))
    # One each millisecond and conversation, so that it is suspended with requests in all stages.
    in_flight = [
        asyncio.create_task(_later(device, action, number * 0.001))
        for devices in everybody
        for number, (device, (action, _)) in enumerate(zip(devices[1:], _LATE, strict=True))
    ]
    await asyncio.sleep(0.012)
    server.suspend()
    wrong = []
    await asyncio.sleep(conf.session_timeout.total_seconds() + 1)
    wrong += await _timed_out(everybody, "while the server was suspended")
    await asyncio.sleep(seconds - conf.session_timeout.total_seconds() - 1)
    server.resume()
    lists = [await _timed_out(everybody, "after it was resumed") for _ in range(10)]
    answers = await asyncio.gather(*in_flight)
    lists.append(await _timed_out(everybody, "after all was answered"))
    return [*wrong, *(each for each_list in lists for each in each_list)], sum(map(bool, answers))


async def _arrive(devices: Sequence[Device]) -> None:
    await asyncio.gather(*(send(device, "enter") for device in devices))
    joining = [device for device, (_, joins) in zip(devices[1:], _LATE, strict=True) if joins]
    await asyncio.gather(*(send(device, "join") for device in joining))


async def _later(device: Device, action: str, delay: float) -> Response | None:
    await asyncio.sleep(delay)
    return await send(device, action)


async def _timed_out(everybody: Sequence[Sequence[Device]], when: str) -> list[str]:
    """Return who is listed although all of them are timed out."""
    wrong = []
    for owner, *others in everybody:
        seen = await listed_sessions(owner)
        names = [device.username for device in others if device.session_id in (seen or ())]
        if names:
            wrong.append(f"{owner.history.token}: {names} in the call {when}")
    return wrong
