"""How soon the others hear that a call began: by the chat that they wait for, and by asking."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.clients.probe.device import Answer, Device, Unknown
from tests.clients.probe.steps import Step

#: Seconds after which nothing is awaited any more, from asking to asking, and before the call, so
#: that the others wait by then.
_PATIENCE, _INTERVAL, _SETTLING = 20.0, 0.1, 0.5

#: The versions of conversations and calls that each web client speaks.
_CLIENTS = {"web 2021": ("v3", "v1"), "web 2023": ("v4", "v4"), "web 2025": ("v4", "v4")}

_CREATE = {"roomType": 2, "roomName": "Probe of announcements"}
_OLDER = {"lookIntoFuture": 0, "setReadMarker": 0}
_NEWER = {"lookIntoFuture": 1, "setReadMarker": 0, "lastKnownMessageId": "{last}", "timeout": 10}


class Failed(Exception):
    """Something on the way to the call was refused."""


@dataclass(frozen=True)
class Announcement:
    """``seconds`` from sending the request that starts a call to when others know of it.

    ``how`` they learn of it is "chat" or "room"; without ``seconds``, ``problem`` says why.
    """

    client: str
    how: str
    seconds: float | None
    problem: str = ""


def announcements(caller: Device, other: Device) -> list[Announcement]:
    """Start a call as each web client does, once for each way to learn of it."""
    return [
        _announcement(client, how, Meeting(caller, other, *_CLIENTS[client]))
        for client in _CLIENTS
        for how in ("chat", "room")
    ]


class Meeting:
    """A conversation that is made for a call, with somebody who calls and somebody who hears."""

    def __init__(self, caller: Device, other: Device, rooms: str, calls: str) -> None:
        self._caller, self._other, self._rooms, self._calls = caller, other, rooms, calls

    def open(self) -> None:
        """Make it, and let both in; the other has read its messages then."""
        room, add = f"{self._rooms}/room", {"newParticipant": "{other}", "source": "users"}
        self._must(self._caller, Step("POST", room, json=_CREATE, keep={"token": "token"}))
        self._must(self._caller, Step("POST", f"{room}/{{token}}/participants", json=add))
        for device in (self._caller, self._other):
            self._must(device, Step("POST", f"{room}/{{token}}/participants/active"))

    def start_call(self) -> None:
        """Start the call."""
        self._must(self._caller, Step("POST", f"{self._calls}/call/{{token}}", json={"flags": 7}))

    def close(self) -> None:
        """Delete it."""
        self._caller.send(Step("DELETE", f"{self._rooms}/room/{{token}}"))

    def until_in_chat(self) -> float:
        """Return when the other is told by the chat that a call began."""
        newest, newer = {"last": "0/id"}, {"last": "X-Chat-Last-Given"}
        self._must(self._other, Step("GET", "v1/chat/{token}", _OLDER, keep=newest))
        return self._until(
            Step("GET", "v1/chat/{token}", _NEWER, keep=newer),
            lambda messages: any(
                each.get("systemMessage") == "call_started" for each in messages or ()
            ),
            interval=0,
        )

    def until_in_room(self) -> float:
        """Return when the other sees a call by asking for the conversation."""
        step = Step("GET", f"{self._rooms}/room/{{token}}")
        return self._until(step, lambda room: room["hasCall"], interval=_INTERVAL)

    def _until(self, step: Step, is_there: Callable, *, interval: float) -> float:
        deadline = time.perf_counter() + _PATIENCE
        while time.perf_counter() < deadline:
            answer = self._must(self._other, step)
            if is_there(answer.data):
                return time.perf_counter()
            time.sleep(interval)
        raise Failed(f"nothing within {_PATIENCE:.0f} s")

    def _must(self, device: Device, step: Step) -> Answer:
        try:
            answer = device.send(step)
        except Unknown as unknown:
            raise Failed(f"{step.name}: no answer before had {unknown}") from None
        if not 200 <= answer.status < 400:
            raise Failed(f"{step.name}: {answer.status} {answer.problem}")
        device.keep(step, answer)
        return answer


def _announcement(client: str, how: str, meeting: Meeting) -> Announcement:
    wait = meeting.until_in_chat if how == "chat" else meeting.until_in_room
    try:
        meeting.open()
        with ThreadPoolExecutor() as beside:
            known = beside.submit(wait)
            time.sleep(_SETTLING)
            began = time.perf_counter()
            meeting.start_call()
            seconds = known.result() - began
    except Failed as failed:
        return Announcement(client, how, None, str(failed))
    finally:
        meeting.close()
    return Announcement(client, how, seconds)
