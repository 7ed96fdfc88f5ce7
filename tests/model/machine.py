"""Random steps of services and of time, done both to the app and to the reference."""

from collections import Counter
from datetime import datetime
from itertools import pairwise
from typing import Any

import time_machine
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import TestCase
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from talk_calls import policies
from talk_calls.constants import PermissionChange
from talk_calls.exceptions import TalkError
from talk_calls.host.actors import GUEST, Actor
from talk_calls.models import Attendee, Call, CallLeg, Conversation, OutboxEvent, Session
from talk_calls.models.calls import call_annotations
from talk_calls.models.sessions import call_peers
from talk_calls.services import (
    calls,
    conversations,
    creation,
    lobby,
    locking,
    participants,
    permissions,
    sessions,
    sweeper,
)
from talk_calls.services.sessions import generate_session_id
from talk_calls.signals import call_ended, call_started
from tests import call_messages
from tests.model.reference import DEMOTED, PROMOTED, TIMEOUT, Device, Person, Refused, Room
from tests.times import START, at

User = get_user_model()


def second(moment: datetime | None) -> int | None:
    return None if moment is None else round((moment - START).total_seconds())


FLAGS = st.integers(0, 15)
#: Seconds around the limits of timeouts and throttles.
PAUSES = st.sampled_from([1, 2, 5, 9, 10, 11, 15, 29, 30, 31, 69, 70, 71, 99, 100, 101, 300])
PERMISSIONS = st.sampled_from([0, 1, 2, 8, 16, 32, 48, 58, 510]) | st.integers(0, 511)
#: Index of one of the objects that exist when the step runs.
CHOICE = st.integers(0, 11)

#: How often each step had each outcome, and why calls ended; printed at the end.
DONE: Counter[str] = Counter()


class Presence(RuleBasedStateMachine):
    """A site and its reference: rooms, people, devices, and the steps that change them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.count = 0
        self.model: dict[str, Room] = {}
        self.room_keys: dict[str, int] = {}
        self.session_keys: dict[str, int] = {}
        self.removed: list[tuple[str, str]] = []
        self.sent: Counter[tuple[str, int]] = Counter()
        self.clock = time_machine.travel(START, tick=False)
        self.time = self.clock.start()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        call_started.connect(self.record_start)
        call_ended.connect(self.record_end)

    def teardown(self) -> None:
        call_started.disconnect(self.record_start)
        call_ended.disconnect(self.record_end)
        DONE.update(Call.objects.values_list("end_reason", flat=True).order_by())
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.clock.stop()

    def record_start(self, event: Any, **_: Any) -> None:
        self.sent["started", event.call_id] += 1

    def record_end(self, event: Any, **_: Any) -> None:
        self.sent["ended", event.call_id] += 1

    # Steps

    @initialize(members=st.integers(1, 3), is_public=st.booleans())
    def begin(self, members: int, is_public: bool) -> None:
        """Begin with members who are online, as most steps need some."""
        token = self.create(is_public)
        for role in [1, 3, 3][:members]:
            self.enter_room(token, self.add_member(token, role), force=False)

    @precondition(lambda self: len(self.rooms()) < 3)
    @rule(is_public=st.booleans())
    def create_room(self, is_public: bool) -> None:
        self.create(is_public)

    @precondition(lambda self: self.rooms())
    @rule(room=CHOICE, role=st.sampled_from([1, 2, 3]))
    def invite(self, room: int, role: int) -> None:
        self.add_member(pick(self.rooms(), room), role)

    @precondition(lambda self: self.members())
    @rule(who=CHOICE, force=st.booleans())
    def enter(self, who: int, force: bool) -> None:
        token, name = pick(self.members(), who)
        self.enter_room(token, name, force=force)

    @precondition(lambda self: self.rooms())
    @rule(room=CHOICE, as_guest=st.booleans())
    def enter_uninvited(self, room: int, as_guest: bool) -> None:
        """Enter without being invited, which only works in public rooms."""
        name = self.name("guest" if as_guest else "stranger")
        if not as_guest:
            User.objects.create(username=name)
        self.enter_room(pick(self.rooms(), room), name, force=False)

    @precondition(lambda self: self.members())
    @rule(who=CHOICE)
    def add_second_device(self, who: int) -> None:
        """Add a device without replacing the first one, as API v4 does."""
        token, name = pick(self.members(), who)
        attendee = self.attendee(token, name)
        session = Session.objects.create(
            session_id=generate_session_id(),
            attendee=attendee,
            conversation_id=self.room_keys[token],
            last_ping=at(self.now),
        )
        self.session_keys[session.key] = session.pk
        room = self.model[token]
        room.devices[session.key] = Device(session.key, room.people[name], self.now)

    @precondition(lambda self: self.devices())
    @rule(device=CHOICE, flags=FLAGS)
    def join(self, device: int, flags: int) -> None:
        self.join_one(device, flags)

    def join_one(self, device: int, flags: int) -> None:
        self.both(pick(self.devices(), device), calls.join, Room.join, flags=flags)

    @precondition(lambda self: self.devices())
    @rule(room=CHOICE, flags=FLAGS)
    def all_join(self, room: int, flags: int) -> None:
        """Let all devices of a room join, as most steps need a call."""
        token = pick(self.rooms(), room)
        for key in list(self.model[token].devices):
            self.both((token, key), calls.join, Room.join, flags=flags)

    @precondition(lambda self: self.devices())
    @rule(device=CHOICE, flags=st.integers(1, 15))
    def join_again(self, device: int, flags: int) -> None:
        self.join_one(device, flags)

    @precondition(lambda self: self.devices())
    @rule(device=CHOICE)
    def leave(self, device: int) -> None:
        self.both(pick(self.devices(), device), calls.leave, Room.leave)

    @precondition(lambda self: self.devices())
    @rule(device=CHOICE)
    def leave_room(self, device: int) -> None:
        token, key = pick(self.devices(), device)
        room = self.model[token]
        person = room.devices[key].person
        self.both((token, key), sessions.leave, Room.leave_room)
        theirs = Session.objects.filter(attendee=self.attendee(token, person.name))
        if person.is_temporary and not theirs.exists():
            room.people.pop(person.name, None)

    @precondition(lambda self: self.removed)
    @rule(device=CHOICE, step=st.sampled_from(["join", "leave", "leave_room", "ping"]))
    def use_a_removed_device(self, device: int, step: str) -> None:
        """Act with a device that was removed; its row may still exist."""
        token, key = pick(self.removed, device)
        match step:
            case "join":
                self.both((token, key), calls.join, Room.join, flags=7)
            case "leave":
                self.both((token, key), calls.leave, Room.leave)
            case "leave_room":
                self.both((token, key), sessions.leave, Room.leave_room)
            case "ping":
                self.ping_all([(token, key)])

    @rule(chosen=st.lists(CHOICE, max_size=4))
    def ping(self, chosen: list[int]) -> None:
        self.ping_all([pick(self.devices(), each) for each in chosen if self.devices()])

    @precondition(lambda self: self.rooms())
    @rule(room=CHOICE, locked=st.booleans())
    def lock(self, room: int, locked: bool) -> None:
        token = pick(self.rooms(), room)
        conversation = self.conversation(token)
        self.run(
            lambda: conversations.set_read_only(
                conversation=conversation, state=int(locked), now=at(self.now)
            )
        )
        if locked:
            self.model[token].lock(self.now)
        self.model[token].locked = locked

    @precondition(lambda self: self.rooms())
    @rule(room=CHOICE, timer=st.none() | st.integers(-20, 200), up=st.booleans())
    def set_lobby(self, room: int, timer: int | None, up: bool) -> None:
        token = pick(self.rooms(), room)
        when = None if timer is None else self.now + timer
        self.run(
            lambda: lobby.set_state(
                conversation=self.conversation(token),
                state=int(up),
                timer=None if when is None else at(when),
                now=at(self.now),
            )
        )
        if up:
            self.model[token].raise_lobby(when, self.now)
        else:
            self.model[token].lobby = False

    @precondition(lambda self: self.devices())
    @rule(device=CHOICE, flags=FLAGS)
    def change_flags(self, device: int, flags: int) -> None:
        device_ = pick(self.devices(), device)
        self.both(device_, calls.change_flags, Room.change_flags, flags=flags)

    @precondition(lambda self: self.devices())
    @rule(device=CHOICE)
    def end_for_all(self, device: int) -> None:
        self.both(pick(self.devices(), device), calls.end_for_all, Room.end_for_all)

    @precondition(lambda self: self.members())
    @rule(who=CHOICE, up=st.booleans())
    def change_role(self, who: int, up: bool) -> None:
        token, name = pick(self.members(), who)
        service = permissions.promote if up else permissions.demote
        self.both_steps(
            lambda: service(
                attendee=self.attendee(token, name), performed_by=None, now=at(self.now)
            ),
            lambda: self.model[token].change_role(name, PROMOTED if up else DEMOTED, self.now),
        )

    @precondition(lambda self: self.members())
    @rule(who=CHOICE, way=st.sampled_from(PermissionChange), given=PERMISSIONS)
    def permit(self, who: int, way: PermissionChange, given: int) -> None:
        token, name = pick(self.members(), who)
        self.both_steps(
            lambda: permissions.of_attendee(
                attendee=self.attendee(token, name),
                change=way,
                permissions=given,
                performed_by=None,
                now=at(self.now),
            ),
            lambda: self.model[token].permit(name, way.value, given, self.now),
        )

    @precondition(lambda self: self.rooms())
    @rule(room=CHOICE, level=st.sampled_from(["call", "default"]), given=PERMISSIONS)
    def permit_all(self, room: int, level: str, given: int) -> None:
        token = pick(self.rooms(), room)
        conversation = self.conversation(token)
        self.run(
            lambda: permissions.of_conversation(
                conversation=conversation,
                level=level,
                permissions=given,
                performed_by=None,
                now=at(self.now),
            )
        )
        self.model[token].permit_all(level, given, self.now)

    @precondition(lambda self: self.members())
    @rule(who=CHOICE)
    def remove(self, who: int) -> None:
        token, name = pick(self.members(), who)
        attendee = self.attendee(token, name)
        self.run(lambda: participants.remove(attendee=attendee, now=at(self.now)))
        self.model[token].remove_person(name, self.now)

    @precondition(lambda self: self.members())
    @rule(who=CHOICE)
    def delete_account(self, who: int) -> None:
        token, name = pick(self.members(), who)
        self.run(User.objects.get(username=name).delete)
        room = self.model[token]
        others = [each for each in room.people.values() if each.name != name and not each.is_guest]
        if others:
            room.remove_person(name, self.now)
        else:
            self.forget(token)

    @precondition(lambda self: len(self.rooms()) > 1)
    @rule(room=CHOICE)
    def delete(self, room: int) -> None:
        token = pick(self.rooms(), room)
        conversation = self.conversation(token)
        self.run(lambda: conversations.delete(conversation=conversation, now=at(self.now)))
        self.forget(token)

    @precondition(lambda self: self.rooms())
    @rule(room=CHOICE)
    def apply_timeouts(self, room: int) -> None:
        """Store timeouts, as every change does first."""
        token = pick(self.rooms(), room)
        self.run(lambda: locking.apply_timeouts(self.room_keys[token], now=at(self.now)))

    @rule()
    def sweep(self) -> None:
        self.run(lambda: sweeper.sweep(now=at(self.now)))
        for room in self.model.values():
            online = {device.person.name for device in room.devices.values()}
            for person in list(room.people.values()):
                if person.is_temporary and person.name not in online:
                    del room.people[person.name]

    @rule(pause=PAUSES)
    def wait(self, pause: int) -> None:
        self.advance(pause)

    @precondition(lambda self: self.devices())
    @rule(device=CHOICE, after=st.sampled_from([30, 31, 99, 100]))
    def wait_for_a_device(self, device: int, after: int) -> None:
        """Wait until just before, or just after, a device times out or expires."""
        token, key = pick(self.devices(), device)
        self.advance(self.model[token].devices[key].ping + after - self.now)

    @precondition(lambda self: self.ended())
    @rule(call=CHOICE, after=st.sampled_from([9, 10]), flags=st.integers(1, 15))
    def call_back(self, call: int, after: int, flags: int) -> None:
        """Start a call just before, or just after, it no longer resumes the last one."""
        token, ended = pick(self.ended(), call)
        self.advance(ended + after - self.now)
        for key in list(self.model[token].devices)[:1]:
            self.both((token, key), calls.join, Room.join, flags=flags)

    @rule(pause=st.integers(1, 30))
    def wait_and_ping(self, pause: int) -> None:
        """Let time pass, then let all devices ping."""
        self.advance(pause)
        self.ping_all(self.devices())

    def advance(self, pause: int) -> None:
        if pause <= 0:
            return
        self.now += pause
        self.time.move_to(at(self.now), tick=False)
        for room in self.model.values():
            room.pass_time(self.now)

    # What must be true after each step

    @invariant()
    def lists_show_who_is_in(self) -> None:
        for token, room in self.model.items():
            if room.deleted:
                continue
            conversation = self.conversation(token)
            found = call_peers(conversation, at(self.now))
            listed = {key_of(row["session_id"]) for row in found}
            assert listed == {device.name for device in room.in_call}
            assert conversation.has_call == bool(room.in_call)
            live = Session.objects.live_in_call(at(self.now)).filter(conversation=conversation)
            flags = {session.key: session.in_call for session in live}
            assert flags == {device.name: device.flags for device in room.in_call}
            assert conversation.call_permissions == room.call_permissions or self.is_behind(token)

    @invariant()
    def history_is_that_of_the_reference(self) -> None:
        """Timeouts that are not stored yet count as if they were."""
        pings = {session.key: second(session.last_ping) for session in Session.objects.in_call()}
        for token, room in self.model.items():
            found = Call.objects.filter(conversation_name=token).order_by("pk")
            found = found.select_related("resumes").prefetch_related("legs")
            recorded = [self.final(call, pings) for call in found]
            assert recorded == [expected(call, room.calls) for call in room.calls]

    @invariant()
    def records_are_consistent(self) -> None:
        legs = CallLeg.objects.select_related("call")
        assert not legs.filter(left_at=None, call__ended_at__isnull=False).exists()
        in_call = {session.key: session for session in Session.objects.in_call()}
        open_legs = {leg.session_key: leg for leg in legs.filter(left_at=None)}
        assert set(in_call) == set(open_legs)
        for key, session in in_call.items():
            assert open_legs[key].call.conversation_id == session.conversation_id
        spans: dict[str, list[tuple[datetime, datetime | None]]] = {}
        for leg in legs.order_by("joined_at", "pk"):
            spans.setdefault(leg.session_key, []).append((leg.joined_at, leg.left_at))
        for periods in spans.values():
            for (_, end), (begin, _) in pairwise(periods):
                assert end is not None
                assert end <= begin

    @invariant()
    def messages_agree_with_calls(self) -> None:
        assert call_messages.disagreements() == []

    @invariant()
    def everybody_in_call_may_be_there(self) -> None:
        live = Session.objects.live_in_call(at(self.now))
        for session in live.select_related("attendee", "conversation"):
            assert session.attendee.conversation_id == session.conversation_id
            assert not session.conversation.is_read_only
            situation = policies.Situation(
                session.conversation, session.attendee, session, True, at(self.now)
            )
            assert policies.is_past_lobby(situation) is None

    @invariant()
    def start_and_end_of_a_call_are_sent_once(self) -> None:
        found = Call.objects.values_list("pk", "ended_at")
        expected_events = Counter({("started", pk): 1 for pk, _ in found})
        expected_events.update({("ended", pk): 1 for pk, ended_at in found if ended_at})
        assert self.sent == expected_events
        assert not OutboxEvent.objects.exists()

    @invariant()
    def removed_devices_are_remembered(self) -> None:
        here = set(self.devices())
        for token in self.rooms():
            sessions_here = Session.objects.filter(conversation=self.room_keys[token])
            rows = {(token, session.key) for session in sessions_here}
            pings = {(token, s.key): second(s.last_ping) for s in sessions_here}
            devices = self.model[token].devices.values()
            assert {(token, d.name): d.ping for d in devices}.items() <= pings.items()
            self.removed += sorted(rows - here - set(self.removed))

    # Helpers

    def rooms(self) -> list[str]:
        return [token for token, room in self.model.items() if not room.deleted]

    def members(self) -> list[tuple[str, str]]:
        return [
            (token, person.name)
            for token in self.rooms()
            for person in self.model[token].people.values()
            if not person.is_guest
        ]

    def devices(self) -> list[tuple[str, str]]:
        return [(token, key) for token in self.rooms() for key in self.model[token].devices]

    def is_behind(self, token: str) -> bool:
        """Return whether the database has an open call that the reference has ended."""
        found = Call.objects.filter(conversation=self.room_keys[token], ended_at=None)
        return found.exists() and self.model[token].call is None

    def ended(self) -> list[tuple[str, int]]:
        """Return rooms without a call whose last one ended less than 10 s ago, and when."""
        last = {
            token: max((c.ended or 0 for c in self.model[token].calls), default=0)
            for token in self.rooms()
            if not self.model[token].call
        }
        return [(token, when) for token, when in last.items() if when > self.now - 10]

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def run(self, step: Any) -> Any:
        """Run a step, and what it does after its commit."""
        with TestCase.captureOnCommitCallbacks(execute=True):
            return step()

    def create(self, is_public: bool) -> str:
        token = self.name("room")
        room = creation.create(kind=3 if is_public else 2, name=token, token=token)
        self.room_keys[token] = room.pk
        self.model[token] = Room(is_public)
        return token

    def add_member(self, token: str, role: int) -> str:
        name = self.name("user")
        user = User.objects.create(username=name)
        participants.add_user(
            conversation=self.conversation(token),
            user=user,
            participant_type=role,
            now=at(self.now),
        )
        self.model[token].people[name] = Person(name, role)
        return name

    def forget(self, token: str) -> None:
        self.model[token].delete(self.now)

    def ping_all(self, devices: list[tuple[str, str]]) -> None:
        loaded = [session for _, key in devices if (session := self.session(key))]
        self.run(lambda: sessions.ping(loaded, now=at(self.now)))
        for token, key in devices:
            self.model[token].ping(key, self.now)

    def both(self, device: tuple[str, str], service: Any, rule_: Any, **facts: Any) -> None:
        """Run a service and the reference's method; compare their refusals."""
        token, key = device
        session = self.session(key)
        if session is None:
            return
        answers = [
            refusal_of(
                lambda: self.run(lambda: service(session=session, now=at(self.now), **facts))
            ),
            refusal_of(lambda: rule_(self.model[token], key, *facts.values(), self.now)),
        ]
        DONE[f"{service.__name__}: {answers[0] or 'done'}"] += 1
        assert answers[0] == answers[1]

    def both_steps(self, step: Any, same: Any) -> None:
        """Run a step in the app and in the reference; compare their refusals."""
        answer = refusal_of(lambda: self.run(step))
        DONE[f"permissions: {answer or 'changed'}"] += 1
        assert answer == refusal_of(same)

    def enter_room(self, token: str, name: str, *, force: bool) -> None:
        room = self.model[token]
        user = User.objects.filter(username=name).first()
        actor = Actor(user) if user else GUEST
        attendee = self.attendee(token, name)
        made: list[Session] = []
        refusal = refusal_of(
            lambda: made.append(
                self.run(
                    lambda: sessions.enter(
                        conversation=self.conversation(token),
                        actor=actor,
                        attendee=attendee,
                        password="",
                        force=force,
                        now=at(self.now),
                    )
                ).session
            )
        )
        DONE[f"enter: {refusal or 'done'}"] += 1
        if attendee is None and not room.is_public:
            assert refusal == "no-conversation"
            return
        person = room.people.get(name) or Person(name, 5 if user else 4, is_guest=not user)
        key = made[0].key if made else ""
        self.session_keys |= {session.key: session.pk for session in made}
        assert refusal == refusal_of(lambda: room.enter(person, key, force=force, now=self.now))

    def conversation(self, token: str) -> Conversation:
        found = Conversation.objects.annotate(**call_annotations(at(self.now)))
        return found.get(pk=self.room_keys[token])

    def attendee(self, token: str, name: str) -> Attendee | None:
        found = Attendee.objects.select_related("user", "conversation")
        return found.filter(conversation=self.room_keys[token], user__username=name).first()

    def session(self, key: str) -> Session | None:
        return Session.objects.select_related("attendee").filter(pk=self.session_keys[key]).first()

    def final(self, call: Call, pings: dict[str, int | None]) -> dict[str, Any]:
        """Return a call as it is once its timeouts are recorded."""
        legs = [self.final_leg(leg, pings) for leg in call.legs.all()]
        ended, reason = second(call.ended_at), call.end_reason
        if ended is None and all(leg["left"] is not None for leg in legs):
            ended, reason = max(leg["left"] for leg in legs), "timeout"
        return {
            "started": second(call.started_at),
            "ended": ended,
            "reason": reason,
            "flags": call.flags,
            "resumes": None if call.resumes is None else second(call.resumes.started_at),
            "legs": sorted(legs, key=lambda leg: (leg["joined"], leg["device"])),
        }

    def final_leg(self, leg: CallLeg, pings: dict[str, int | None]) -> dict[str, Any]:
        left, reason = second(leg.left_at), leg.reason
        if left is None:
            ping = pings[leg.session_key]
            assert ping is not None
            if self.now > ping + TIMEOUT:
                left, reason = ping + TIMEOUT, "timeout"
        return {
            "device": leg.session_key,
            "joined": second(leg.joined_at),
            "left": left,
            "reason": reason,
            "flags": leg.flags,
        }


def pick(choices: list[Any], number: int) -> Any:
    return choices[number % len(choices)]


def refusal_of(step: Any) -> str | None:
    """Run a step; return the code of its refusal, or None."""
    try:
        step()
    except TalkError as refusal:
        return refusal.code
    except Refused as refusal:
        return str(refusal)
    return None


def key_of(session_id: str) -> str:
    return Session(session_id=session_id).key


def expected(call: Any, calls_of_room: list[Any]) -> dict[str, Any]:
    return {
        "started": call.started,
        "ended": call.ended,
        "reason": call.reason,
        "flags": call.flags,
        "resumes": call.resumes and call.resumes.started,
        "legs": sorted(
            (
                {
                    "device": leg.device,
                    "joined": leg.joined,
                    "left": leg.left,
                    "reason": leg.reason,
                    "flags": leg.flags,
                }
                for leg in call.legs
            ),
            key=lambda leg: (leg["joined"], leg["device"]),
        ),
    }
