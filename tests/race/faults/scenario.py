"""What the fault cases share: conversations, their clients, and single requests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from talk_calls.constants import ConversationType
from talk_calls.contrib.simulation.http import Response
from tests.race.clients import Device
from tests.race.history import Client, History, Step
from tests.race.observer import Observer
from tests.race.processes import Server


@dataclass
class Outcome:
    """The outcome of a case: a line that describes it, and what is wrong."""

    line: str
    wrong: list[str] = field(default_factory=list)


def conversation(number: int, *, users: int, guests: int = 0) -> History:
    """Return a public conversation without any steps; the first user is its owner.

    A fault case sends its requests itself, by ``send``.
    """
    members = [Client(person, member=True, keeps_cookies=False) for person in range(users)]
    visitors = [Client(None, member=False, keeps_cookies=True)] * guests
    return History(number, ConversationType.PUBLIC, (*members, *visitors), ())


def devices(
    history: History, credentials: dict[int, str], servers: Sequence[Server], observer: Observer
) -> list[Device]:
    """Return the clients of a conversation."""
    return [
        Device(
            history,
            client,
            None if client.person is None else credentials[client.person],
            servers,
            observer,
        )
        for client in history.clients
    ]


async def send(device: Device, action: str, flags: int = 7) -> Response | None:
    """Send one request; return None if the connection broke."""
    return await device.perform(Step(0, action, flags))


async def listed_sessions(device: Device) -> set[str] | None:
    """Return the session ids in a list of the call, or None if there was no list."""
    response = await send(device, "list")
    if response is None or response.status != HTTPStatus.OK:
        return None
    return {peer["sessionId"] for peer in response.data}
