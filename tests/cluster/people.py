"""Somebody with a device at one node of Django and a connection to one node of the HPB."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.hpb.live.site import Device
from tests.patience import TooLate
from tests.servers.hpb_client import Closed, Frame, HPBClient

#: Seconds until everybody knows of a change while all servers run, on a busy machine.
SOON = 5


@dataclass
class Person:
    """Somebody in a conversation."""

    device: Device
    client: HPBClient
    token: str
    session_id: str = ""  # at the site

    @property
    def id(self) -> str:
        """Return the session at the HPB, by which others know it."""
        return self.client.session_id

    @property
    def user(self) -> str:
        """Return whose device it is, empty for a guest."""
        return self.device.user or ""

    def connect(self, site_url: str) -> None:
        """Log in at the HPB, and join the conversation there."""
        params = self.device.settings(self.token)["helloAuthParams"]["1.0"]
        hello = self.client.hello_v1(site_url, user_id=params["userid"], ticket=params["ticket"])
        assert hello["type"] == "hello", hello
        joined = self.client.join(self.token, self.session_id)
        assert joined["type"] == "room", joined

    def join(self, flags: int = 7) -> None:
        """Join the call."""
        self.device.ask("POST", f"v4/call/{self.token}", flags=flags)

    def change(self, flags: int) -> None:
        """Switch microphone or camera on or off."""
        self.device.ask("PUT", f"v4/call/{self.token}", flags=flags)

    def leave_call(self) -> None:
        """Leave the call, and stay in the conversation."""
        self.device.ask("DELETE", f"v4/call/{self.token}")

    def expect_call(self, *people: "Person", within: float = SOON, **flags: int) -> float:
        """Wait until exactly these are in the call, as far as the HPB told.

        ``flags`` may name what those have of a user whose flags are not 7. Returns how many seconds
        it took.
        """
        expected = {each.id: flags.get(each.user, 7) for each in people}
        return self.expect(lambda: self.call() == expected, within)

    def expect_here(self, *people: "Person", within: float = SOON) -> float:
        """Wait until all of these are in the conversation, as far as the HPB told."""
        expected = {each.id for each in people}
        return self.expect(lambda: expected <= self.here(), within)

    def expect(self, is_so: Callable[[], bool], within: float = SOON) -> float:
        """Read until something is so; return how many seconds it took."""
        begun = time.monotonic()
        while not is_so():
            if time.monotonic() > begun + within:
                raise TooLate(self.client.received[-5:])
            self.read(0.05)
        return time.monotonic() - begun

    def read(self, seconds: float) -> None:
        """Read for some seconds; a connection that ended has nothing more."""
        try:
            self.client.read(seconds)
        except Closed:
            time.sleep(seconds)

    def call(self) -> dict[str, int]:
        """Return who is in the call, with flags, as the frames tell that have been read."""
        flags: dict[str, int] = {}
        for event in self._events():
            update = event.get("update", {})
            if update.get("all"):
                flags.clear()
            flags |= {row["sessionId"]: row["inCall"] for row in update.get("users", [])}
            for left in event.get("leave", []):
                flags.pop(left, None)
        return {each: some for each, some in flags.items() if some}

    def here(self) -> set[str]:
        """Return who is in the conversation, as the frames tell that have been read."""
        sessions: set[str] = set()
        for event in self._events():
            sessions |= {each["sessionid"] for each in event.get("join", [])}
            sessions -= set(event.get("leave", []))
        return sessions

    def properties(self) -> dict[str, Any]:
        """Return the properties of the conversation that came last."""
        rooms = [frame["room"] for frame in self.client.received if frame["type"] == "room"]
        properties: dict[str, Any] = rooms[-1]["properties"]
        return properties

    def _events(self) -> list[Frame]:
        events = [frame["event"] for frame in self.client.received if frame["type"] == "event"]
        return [each for each in events if each["target"] in {"room", "participants"}]
