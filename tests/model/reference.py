"""The rules of presence and calls, told a second time.

Written from the protocol and the promises, not from the code: plain lists instead of a database,
whole seconds instead of timestamps, and time that acts by itself. Where the app settles a timeout
when somebody looks, here everybody vanishes the moment their time is up.
"""

from dataclasses import dataclass, field

TIMEOUT = 30
KILL = 100
RESUMED_WITHIN = 10

MODERATORS = {1, 2, 6}


class Refused(Exception):
    """A rule said no; the argument is its code."""


@dataclass
class Person:
    """Somebody who belongs to a room. ``user`` is a name, or None for a guest."""

    name: str
    role: int
    is_guest: bool = False

    @property
    def is_moderator(self) -> bool:
        return self.role in MODERATORS

    @property
    def is_passing(self) -> bool:
        return self.is_guest or self.role == 5


@dataclass
class Leg:
    """A stretch in a call."""

    device: str
    person: str
    joined: int
    flags: int
    left: int | None = None
    reason: str = ""


@dataclass
class Call:
    """A call and its legs."""

    started: int
    resumes: "Call | None"
    flags: int = 0
    ended: int | None = None
    reason: str = ""
    legs: list[Leg] = field(default_factory=list)


@dataclass
class Device:
    """A session; ``leg`` is its open stretch in the call."""

    name: str
    person: Person
    ping: int
    leg: Leg | None = None


@dataclass
class Room:
    """A conversation with all that ever happened in it."""

    is_public: bool
    locked: bool = False
    deleted: bool = False
    lobby: bool = False
    timer: int | None = None
    people: dict[str, Person] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    @property
    def call(self) -> Call | None:
        """The call that is going on."""
        return next((call for call in self.calls if call.ended is None), None)

    @property
    def in_call(self) -> list[Device]:
        return [device for device in self.devices.values() if device.leg]

    def has_lobby(self, now: int) -> bool:
        return self.lobby and (self.timer is None or now < self.timer)

    def pass_time(self, now: int) -> None:
        """Let everybody vanish whose time was up, each in their moment."""
        for device in sorted(self.in_call, key=lambda device: device.ping):
            if now > device.ping + TIMEOUT:
                self._out(device, device.ping + TIMEOUT, "timeout")
        for device in list(self.devices.values()):
            if now >= device.ping + KILL:
                del self.devices[device.name]

    def refuse(self, person: Person, now: int) -> None:
        """Ask the rules that guard a call."""
        if self.locked:
            raise Refused("read-only")
        if self.has_lobby(now) and not person.is_moderator:
            raise Refused("lobby")

    def enter(self, person: Person, name: str, *, force: bool, now: int) -> None:
        """Come online, in place of all other devices of the same person."""
        old = [device for device in self.devices.values() if device.person is person]
        if not force and any(device.leg for device in old):
            raise Refused("conflict")
        self._remove(old, now, "replaced")
        for device in old:
            del self.devices[device.name]
        self.people[person.name] = person
        self.devices[name] = Device(name, person, now)

    def join(self, name: str, flags: int, now: int) -> None:
        if flags == 0:
            self.leave(name, now)
            return
        device = self._acting(name)
        self.refuse(device.person, now)
        if now > device.ping + TIMEOUT:
            device.ping = now
        call = self.call or self._start(now)
        call.flags |= flags
        if device.leg is None:
            device.leg = Leg(name, device.person.name, now, flags)
            call.legs.append(device.leg)
        device.leg.flags |= flags

    def leave(self, name: str, now: int) -> None:
        device = self._acting(name)
        self.refuse(device.person, now)
        self._remove([device], now, "left")

    def leave_room(self, name: str, now: int) -> None:
        """Go offline; works always."""
        device = self.devices.get(name)
        if device is None:
            return
        self._remove([device], now, "room_left")
        del self.devices[name]

    def ping(self, name: str, now: int) -> None:
        device = self.devices.get(name)
        if device and now > device.ping + 10:
            device.ping = now

    def lock(self, now: int) -> None:
        self.locked = True
        self._remove(self.in_call, now, "read_only")

    def raise_lobby(self, timer: int | None, now: int) -> None:
        self.lobby, self.timer = True, timer
        if self.has_lobby(now):
            out = [device for device in self.in_call if not device.person.is_moderator]
            self._remove(out, now, "lobby")

    def remove_person(self, name: str, now: int) -> None:
        theirs = [device for device in self.devices.values() if device.person.name == name]
        self._remove(theirs, now, "removed")
        for device in theirs:
            del self.devices[device.name]
        del self.people[name]

    def delete(self, now: int) -> None:
        self._remove(self.in_call, now, "conversation_deleted")
        self.devices.clear()
        self.people.clear()
        self.deleted = True

    def _acting(self, name: str) -> Device:
        if name not in self.devices:
            raise Refused("no-session")
        return self.devices[name]

    def _start(self, now: int) -> Call:
        last = max(self.calls, key=lambda call: call.ended or 0, default=None)
        for call in self.calls:  # of several that ended in the same second, the latest
            if last and call.ended == last.ended:
                last = call
        recent = last if last and (last.ended or 0) > now - RESUMED_WITHIN else None
        self.calls.append(Call(now, recent))
        return self.calls[-1]

    def _remove(self, devices: list[Device], now: int, reason: str) -> None:
        for device in devices:
            if device.leg:
                self._out(device, now, reason)

    def _out(self, device: Device, when: int, reason: str) -> None:
        call = self.call
        assert device.leg is not None
        assert call is not None
        device.leg.left = max(when, device.leg.joined)
        device.leg.reason, device.leg = reason, None
        if not self.in_call:
            call.ended, call.reason = when, reason
