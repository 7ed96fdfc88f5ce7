"""A server is suspended with requests in flight, for longer than its clients live."""

import asyncio
from collections.abc import Sequence

from talk_calls.conf import conf
from tests.race import invariants, wire
from tests.race.clients import Device, Witness
from tests.race.faults import people
from tests.race.faults.people import Outcome, act, listed
from tests.race.history import History
from tests.race.processes import Server
from tests.race.site import Site

ROOMS = 8

#: What each client of a room has in flight, after it joined (or only entered).
_LATE = (("ping", True), ("join", True), ("join", False), ("leave", True), ("ping", True))


def rooms() -> list[History]:
    """Return where people are when it happens; the owner watches."""
    return [people.room(200 + number, people=1 + len(_LATE)) for number in range(ROOMS)]


def run(
    site: Site, histories: Sequence[History], credentials: dict[int, str], *, seconds: float
) -> Outcome:
    """Suspend one of two servers, wake it, and look who is in."""
    stopped, other = site.servers(2)
    witness = Witness()
    all_rooms = [people.devices(history, credentials, [stopped], witness) for history in histories]
    for watcher, *_ in all_rooms:
        watcher.servers = [other]
    wrong, late = asyncio.run(_suspend(stopped, all_rooms, seconds))
    for name, rows in invariants.check_snapshot().items():
        wrong += [f"{name}: {row}" for row in rows]
    for server in (stopped, other):
        server.kill()
    answers = f"{late} late requests were answered"
    line = f"server suspended for {seconds:.0f} s: {answers}, nobody came back"
    return Outcome(line, [*wrong, *witness.complaints])


async def _suspend(
    server: Server, all_rooms: Sequence[Sequence[Device]], seconds: float
) -> tuple[list[str], int]:
    await asyncio.gather(*(_arrive(room) for room in all_rooms))
    # A few each millisecond, so that it is stopped with requests in all stages.
    in_flight = [
        asyncio.create_task(_later(device, action, number * 0.001))
        for room in all_rooms
        for number, (device, (action, _)) in enumerate(zip(room[1:], _LATE, strict=True))
    ]
    await asyncio.sleep(0.012)
    server.stop()
    wrong = []
    await asyncio.sleep(conf.session_timeout.total_seconds() + 1)
    wrong += await _ghosts(all_rooms, "while the server was suspended")
    await asyncio.sleep(seconds - conf.session_timeout.total_seconds() - 1)
    server.go_on()
    looks = [await _ghosts(all_rooms, "after it went on") for _ in range(10)]
    answers = await asyncio.gather(*in_flight)
    looks.append(await _ghosts(all_rooms, "after all was answered"))
    return [*wrong, *(each for look in looks for each in look)], sum(map(bool, answers))


async def _arrive(room: Sequence[Device]) -> None:
    await asyncio.gather(*(act(device, "enter") for device in room))
    joining = [device for device, (_, joins) in zip(room[1:], _LATE, strict=True) if joins]
    await asyncio.gather(*(act(device, "join") for device in joining))


async def _later(device: Device, action: str, delay: float) -> wire.Answer | None:
    await asyncio.sleep(delay)
    return await act(device, action)


async def _ghosts(all_rooms: Sequence[Sequence[Device]], when: str) -> list[str]:
    """Return who is listed and should not be: all are silent for longer than they live."""
    wrong = []
    for watcher, *others in all_rooms:
        seen = await listed(watcher)
        names = [device.who for device in others if device.session_id in (seen or ())]
        if names:
            wrong.append(f"{watcher.history.token}: {names} in the call {when}")
    return wrong
