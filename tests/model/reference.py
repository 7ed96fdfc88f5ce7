"""A second, independent implementation of the rules of presence and calls.

It is written from the protocol and not from the code: plain lists instead of a database, and whole
seconds instead of timestamps. The app records a timeout with the next change of the conversation;
here it happens at the moment when the time is up.
"""

from dataclasses import dataclass, field

TIMEOUT = 30
KILL = 100
RESUMED_WITHIN = 10

MODERATORS = {1, 2, 6}
PROMOTED = {3: 2, 4: 6, 5: 2}
DEMOTED = {2: 3, 6: 4}

#: Permissions: all but ignoring the lobby, and the bits that matter here.
UNRESTRICTED, CUSTOM = 502, 1
START_CALL, IGNORE_LOBBY, AUDIO, VIDEO, CHAT = 2, 8, 16, 32, 128


class Refused(Exception):
    """A rule refuses a step; the argument is the code of the refusal."""


@dataclass
class Person:
    """An attendee of a room; ``role`` is a participant type."""

    name: str
    role: int
    is_guest: bool = False
    permissions: int = 0

    @property
    def is_moderator(self) -> bool:
        return self.role in MODERATORS

    @property
    def is_temporary(self) -> bool:
        return self.is_guest or self.role == 5


@dataclass
class Leg:
    """A period in which a device is in a call."""

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
    """A session; ``leg`` is its open leg, ``flags`` are those in the call."""

    name: str
    person: Person
    ping: int
    flags: int = 0
    leg: Leg | None = None


@dataclass
class Room:
    """A conversation with its whole history."""

    is_public: bool
    locked: bool = False
    deleted: bool = False
    lobby: bool = False
    timer: int | None = None
    call_permissions: int = 0
    default_permissions: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)

    @property
    def call(self) -> Call | None:
        """The open call."""
        return next((call for call in self.calls if call.ended is None), None)

    @property
    def in_call(self) -> list[Device]:
        return [device for device in self.devices.values() if device.leg]

    def has_lobby(self, now: int) -> bool:
        return self.lobby and (self.timer is None or now < self.timer)

    def pass_time(self, now: int) -> None:
        """Let devices time out and expire, in order of their pings."""
        for device in sorted(self.in_call, key=lambda device: device.ping):
            if now > device.ping + TIMEOUT:
                self._out(device, device.ping + TIMEOUT, "timeout")
        for device in list(self.devices.values()):
            if now >= device.ping + KILL:
                del self.devices[device.name]

    def permissions(self, person: Person) -> int:
        if person.is_moderator:
            return 510
        levels = (person.permissions, self.call_permissions, self.default_permissions)
        return next((level for level in levels if level), UNRESTRICTED)

    def is_kept_out(self, person: Person, now: int) -> bool:
        return self.has_lobby(now) and not self.permissions(person) & IGNORE_LOBBY

    def allowed_flags(self, person: Person, flags: int) -> int:
        """Return the flags without media that the person may not send."""
        permissions = self.permissions(person)
        flags -= flags & 2 if not permissions & AUDIO else 0
        flags -= flags & 4 if not permissions & VIDEO else 0
        return flags or 1

    def check_access(self, person: Person, now: int) -> None:
        """Raise if the person may not be in the call."""
        if self.locked:
            raise Refused("read-only")
        if self.is_kept_out(person, now):
            raise Refused("lobby")

    def enter(self, person: Person, name: str, *, force: bool, now: int) -> None:
        """Come online, replacing all other devices of the same person."""
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
        self.check_access(device.person, now)
        if not self.call and not self.permissions(device.person) & START_CALL:
            raise Refused("start-call")
        if now > device.ping + TIMEOUT:
            device.ping = now
        self._send(device, flags, now)

    def change_flags(self, name: str, flags: int, now: int) -> None:
        device = self._acting(name)
        if device.leg is None or not flags & 1:
            raise Refused("in-call")
        self._send(device, flags, now)

    def end_for_all(self, name: str, now: int) -> None:
        device = self._acting(name)
        if device.person.is_moderator:
            self._remove(self.in_call, now, "ended_for_all")
        else:
            self._remove([device], now, "left")

    def change_role(self, name: str, roles: dict[int, int], now: int) -> None:
        person = self.people[name]
        if person.role not in roles:
            raise Refused("role")
        person.role = roles[person.role]
        if person.is_moderator:
            person.permissions = 0
        self._reconsider(now)

    def permit(self, name: str, way: str, given: int, now: int) -> None:
        """Change the permissions of one person; who passes by and may do more or less stays."""
        person = self.people[name]
        if person.is_moderator:
            raise Refused("moderator")
        before = self.permissions(person)
        changed = {
            "set": given | CUSTOM if given else 0,
            "add": person.permissions | given | CUSTOM,
            "remove": (person.permissions | given) - given | CUSTOM,
        }
        person.permissions = changed[way]
        of_weight = (before ^ self.permissions(person)) & ~(CUSTOM | IGNORE_LOBBY | CHAT)
        if person.role == 5 and person.permissions and of_weight:
            person.role = 3
        self._reconsider(now)

    def permit_all(self, level: str, given: int, now: int) -> None:
        """Set the permissions of all, and reset those of single people."""
        for person in self.people.values():
            person.permissions = 0
        setattr(self, f"{level}_permissions", given | CUSTOM if given else 0)
        self._reconsider(now)

    def leave(self, name: str, now: int) -> None:
        device = self._acting(name)
        self.check_access(device.person, now)
        self._remove([device], now, "left")

    def leave_room(self, name: str, now: int) -> None:
        """Go offline, which is never refused."""
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
            out = [device for device in self.in_call if self.is_kept_out(device.person, now)]
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

    def _send(self, device: Device, flags: int, now: int) -> None:
        """Be in the call with these flags, as far as they are allowed."""
        device.flags = self.allowed_flags(device.person, flags)
        call = self.call or self._start(now)
        if self.is_public or not device.person.is_guest:
            call.flags |= device.flags
        if device.leg is None:
            device.leg = Leg(device.name, device.person.name, now, device.flags)
            call.legs.append(device.leg)
        device.leg.flags |= device.flags

    def _reconsider(self, now: int) -> None:
        """Apply changed permissions: remove who has to wait in the lobby, and reduce flags."""
        out = [device for device in self.in_call if self.is_kept_out(device.person, now)]
        self._remove(out, now, "permission")
        for device in self.in_call:
            self._send(device, device.flags, now)

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
        device.flags = 0
        if not self.in_call:
            call.ended, call.reason = when, reason
            self.call_permissions = 0
