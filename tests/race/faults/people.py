"""Rooms of people for the fault cases."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from talk_calls.constants import ConversationType
from tests.race import wire
from tests.race.clients import Device, Witness
from tests.race.history import Client, History, Step
from tests.race.processes import Server


@dataclass
class Outcome:
    """What came of a case: a line for people, and what is wrong."""

    line: str
    wrong: list[str] = field(default_factory=list)


def room(number: int, *, people: int, guests: int = 0) -> History:
    """Return a public conversation of people, the first its owner, and of guests; nothing happens.

    The others of a fault case are clients that the case itself tells what to do.
    """
    members = [Client(person, member=True, keeps_cookies=False) for person in range(people)]
    passing = [Client(None, member=False, keeps_cookies=True)] * guests
    return History(number, ConversationType.PUBLIC, (*members, *passing), ())


def devices(
    history: History, credentials: dict[int, str], servers: Sequence[Server], witness: Witness
) -> list[Device]:
    """Return the clients of a room."""
    return [
        Device(
            history,
            client,
            None if client.person is None else credentials[client.person],
            servers,
            witness,
        )
        for client in history.clients
    ]


async def act(device: Device, action: str, flags: int = 7) -> wire.Answer | None:
    """Send one request."""
    return await device.do(Step(0, action, flags))


async def listed(device: Device) -> set[str] | None:
    """Return the session ids that a list of the call shows, or None if there was no list."""
    answer = await act(device, "list")
    if answer is None or answer.status != 200:
        return None
    return {peer["sessionId"] for peer in answer.data}
