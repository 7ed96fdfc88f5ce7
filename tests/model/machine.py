"""Steps of every service and of the clock, done to the app and to the reference alike."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import time_machine
from django.contrib.auth import get_user_model
from django.db import transaction
from django.test import TestCase
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from talk_calls.actors import GUEST, Actor
from talk_calls.exceptions import NoSuchConversation, SessionConflict, TalkError
from talk_calls.models import Attendee, Call, CallLeg, Conversation, PendingEvent, Session
from talk_calls.models.calls import call_annotations
from talk_calls.models.sessions import call_peers
from talk_calls.services import (
    calls,
    conversations,
    lobby,
    participants,
    sessions,
    sweeper,
)
from talk_calls.services.sessions import generate_session_id
from talk_calls.signals import call_ended, call_started
from tests.model.reference import TIMEOUT, Device, Person, Refused, Room

START = datetime(2021, 2, 22, 12, 0, tzinfo=UTC)
User = get_user_model()


def at(second: int) -> datetime:
    return START + timedelta(seconds=second)


def second(moment: datetime | None) -> int | None:
    return None if moment is None else round((moment - START).total_seconds())


FLAGS = st.integers(0, 15)
#: Steps of time around the moments that matter.
PAUSES = st.sampled_from([1, 2, 5, 9, 10, 11, 15, 29, 30, 31, 69, 70, 71, 99, 100, 101, 300])


class Presence(RuleBasedStateMachine):
    """Rooms, people, devices, and whatever they do."""

    rooms: Bundle[str] = Bundle("rooms")
    people: Bundle[tuple[str, str]] = Bundle("people")
    devices: Bundle[tuple[str, str]] = Bundle("devices")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0
        self.count = 0
        self.model: dict[str, Room] = {}
        self.room_keys: dict[str, int] = {}
        self.told: Counter[tuple[str, int]] = Counter()
        self.clock = time_machine.travel(START, tick=False)
        self.time = self.clock.start()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        call_started.connect(self.hear_start)
        call_ended.connect(self.hear_end)

    def teardown(self) -> None:
        call_started.disconnect(self.hear_start)
        call_ended.disconnect(self.hear_end)
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)
        self.clock.stop()

    def hear_start(self, event: Any, **_: Any) -> None:
        self.told["started", event.call_id] += 1

    def hear_end(self, event: Any, **_: Any) -> None:
        self.told["ended", event.call_id] += 1

    # Steps

    @rule(target=rooms, is_public=st.booleans())
    def create(self, is_public: bool) -> str:
        token = self.name("room")
        room = conversations.create(kind=3 if is_public else 2, name=token, token=token)
        self.room_keys[token] = room.pk
        self.model[token] = Room(is_public)
        return token

    @rule(target=people, token=rooms, role=st.sampled_from([1, 2, 3]))
    def invite(self, token: str, role: int) -> Any:
        name = self.name("user")
        user = User.objects.create(username=name)
        if not self.exists(token):
            return multiple()
        participants.add_user(
            conversation=self.conversation(token), user=user, participant_type=role
        )
        self.model[token].people[name] = Person(name, role)
        return token, name

    @rule(target=devices, who=people, force=st.booleans())
    def enter(self, who: tuple[str, str], force: bool) -> Any:
        token, name = who
        attendee = self.attendee(token, name)
        if attendee is None:
            return multiple()
        return self.come_in(token, Actor(attendee.user), attendee, name, force)

    @rule(target=devices, token=rooms, as_guest=st.booleans())
    def walk_in(self, token: str, as_guest: bool) -> Any:
        """Somebody who was not invited: only into public rooms."""
        if not self.exists(token):
            return multiple()
        name = self.name("stranger")
        actor = GUEST if as_guest else Actor(User.objects.create(username=name))
        return self.come_in(token, actor, None, name, False)

    @rule(target=devices, who=people)
    def bring_second_device(self, who: tuple[str, str]) -> Any:
        """As clients of the newer API do; it replaces nothing."""
        token, name = who
        attendee = self.attendee(token, name)
        if attendee is None:
            return multiple()
        session = Session.objects.create(
            session_id=generate_session_id(),
            attendee=attendee,
            conversation=attendee.conversation,
            last_ping=at(self.now),
        )
        room = self.model[token]
        room.devices[session.key] = Device(session.key, room.people[name], self.now)
        return token, session.key

    @rule(device=devices, flags=FLAGS)
    def join(self, device: tuple[str, str], flags: int) -> None:
        self.both(device, calls.join, Room.join, flags=flags)

    @rule(device=devices)
    def leave(self, device: tuple[str, str]) -> None:
        self.both(device, calls.leave, Room.leave)

    @rule(device=consumes(devices))
    def leave_room(self, device: tuple[str, str]) -> None:
        token, key = device
        room = self.model[token]
        person = room.devices[key].person if key in room.devices else None
        self.both(device, sessions.leave, Room.leave_room)
        if person and person.is_passing:
            room.people.pop(person.name, None)

    @rule(chosen=st.lists(devices, max_size=4))
    def ping(self, chosen: list[tuple[str, str]]) -> None:
        loaded = [session for _, key in chosen if (session := self.session(key))]
        self.run(lambda: sessions.ping(loaded, now=at(self.now)))
        for token, key in chosen:
            self.model[token].ping(key, self.now)

    @rule(token=rooms, locked=st.booleans())
    def lock(self, token: str, locked: bool) -> None:
        if not self.exists(token):
            return
        room = self.conversation(token)
        self.run(
            lambda: conversations.set_read_only(
                conversation=room, state=int(locked), now=at(self.now)
            )
        )
        if locked:
            self.model[token].lock(self.now)
        self.model[token].locked = locked

    @rule(token=rooms, timer=st.none() | st.integers(-20, 200), up=st.booleans())
    def set_lobby(self, token: str, timer: int | None, up: bool) -> None:
        if not self.exists(token):
            return
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

    @rule(who=consumes(people))
    def remove(self, who: tuple[str, str]) -> None:
        token, name = who
        attendee = self.attendee(token, name)
        if attendee is None:
            return
        self.run(lambda: participants.remove(attendee=attendee, now=at(self.now)))
        self.model[token].remove_person(name, self.now)

    @rule(who=consumes(people))
    def delete_account(self, who: tuple[str, str]) -> None:
        token, name = who
        user = User.objects.filter(username=name).first()
        if user is None:
            return
        self.run(user.delete)
        room = self.model[token]
        if name not in room.people:
            return
        others = [each for each in room.people.values() if each.name != name and not each.is_guest]
        if others:
            room.remove_person(name, self.now)
        else:
            room.delete(self.now)

    @rule(token=consumes(rooms))
    def delete(self, token: str) -> None:
        if not self.exists(token):
            return
        room = self.conversation(token)
        self.run(lambda: conversations.delete(conversation=room, now=at(self.now)))
        self.model[token].delete(self.now)

    @rule(token=rooms)
    def look(self, token: str) -> None:
        """Settle, as anybody does who changes anything."""
        if self.exists(token):
            self.run(lambda: sessions._settle(self.room_keys[token], at(self.now)))

    @rule()
    def sweep(self) -> None:
        self.run(lambda: sweeper.sweep(now=at(self.now)))
        for room in self.model.values():
            online = {device.person.name for device in room.devices.values()}
            for person in list(room.people.values()):
                if person.is_passing and person.name not in online:
                    del room.people[person.name]

    @rule(pause=PAUSES)
    def wait(self, pause: int) -> None:
        self.now += pause
        self.time.move_to(at(self.now), tick=False)
        for room in self.model.values():
            room.pass_time(self.now)

    # What must be true after each step

    @invariant()
    def lists_show_who_is_in(self) -> None:
        for token, room in self.model.items():
            if not self.exists(token):
                continue
            conversation = self.conversation(token)
            found = call_peers(conversation, at(self.now))
            listed = {key_of(row["session_id"]) for row in found}
            assert listed == {device.name for device in room.in_call}
            assert conversation.has_call == bool(room.in_call)

    @invariant()
    def history_is_that_of_the_reference(self) -> None:
        """What is not settled yet counts as what it will be settled to."""
        for token, room in self.model.items():
            found = Call.objects.filter(conversation_name=token).order_by("pk")
            told = [self.told_of(call) for call in found.prefetch_related("legs")]
            assert told == [expected(call, room.calls) for call in room.calls]

    @invariant()
    def records_hold_together(self) -> None:
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
        for stretches in spans.values():
            for (_, end), (begin, _) in pairwise(stretches):
                assert end is not None
                assert end <= begin

    @invariant()
    def who_is_in_may_be_in(self) -> None:
        live = Session.objects.live_in_call(at(self.now))
        for session in live.select_related("attendee", "conversation"):
            assert session.attendee.conversation_id == session.conversation_id
            assert not session.conversation.is_read_only
            assert session.attendee.is_moderator or not session.conversation.has_lobby(at(self.now))

    @invariant()
    def every_call_is_told_once(self) -> None:
        found = Call.objects.values_list("pk", "ended_at")
        expected_events = Counter({("started", pk): 1 for pk, _ in found})
        expected_events.update({("ended", pk): 1 for pk, ended_at in found if ended_at})
        assert self.told == expected_events
        assert not PendingEvent.objects.exists()

    # Helpers

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}{self.count}"

    def run(self, step: Any) -> Any:
        """Do a step; what it has told after its commit is told."""
        with TestCase.captureOnCommitCallbacks(execute=True):
            return step()

    def both(self, device: tuple[str, str], service: Any, rule_: Any, **facts: Any) -> None:
        """Do the same to the app and to the reference; both refuse alike."""
        token, key = device
        session = self.session(key)
        answers: list[str | None] = []
        try:
            if session is None:
                raise Refused("no-session")
            self.run(lambda: service(session=session, now=at(self.now), **facts))
            answers.append(None)
        except (TalkError, Refused) as refusal:
            answers.append(getattr(refusal, "code", None) or str(refusal))
        try:
            rule_(self.model[token], key, *facts.values(), self.now)
            answers.append(None)
        except Refused as refusal:
            answers.append(str(refusal))
        if rule_ is not Room.leave_room:
            assert answers[0] == answers[1]

    def come_in(
        self, token: str, actor: Actor, attendee: Attendee | None, name: str, force: bool
    ) -> Any:
        room = self.model[token]
        try:
            session = self.run(
                lambda: sessions.enter(
                    conversation=self.conversation(token),
                    actor=actor,
                    attendee=attendee,
                    password="",
                    force=force,
                    now=at(self.now),
                )
            )
        except SessionConflict:
            assert not force
            assert any(device.person.name == name for device in room.in_call)
            return multiple()
        except NoSuchConversation:
            assert attendee is None
            assert not room.is_public
            return multiple()
        assert attendee or room.is_public
        person = room.people.get(name) or Person(
            name, 5 if actor.is_user else 4, is_guest=not actor.is_user
        )
        room.enter(person, session.key, force=force, now=self.now)
        return token, session.key

    def exists(self, token: str) -> bool:
        return Conversation.objects.filter(pk=self.room_keys[token]).exists()

    def conversation(self, token: str) -> Conversation:
        found = Conversation.objects.annotate(**call_annotations(at(self.now)))
        return found.get(pk=self.room_keys[token])

    def attendee(self, token: str, name: str) -> Attendee | None:
        found = Attendee.objects.select_related("user", "conversation")
        return found.filter(conversation=self.room_keys[token], user__username=name).first()

    def session(self, key: str) -> Session | None:
        return next((s for s in Session.objects.select_related("attendee") if s.key == key), None)

    def told_of(self, call: Call) -> dict[str, Any]:
        """Return a call as it will be once everything is settled."""
        legs = [self.settled(leg) for leg in call.legs.all()]
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

    def settled(self, leg: CallLeg) -> dict[str, Any]:
        left, reason = second(leg.left_at), leg.reason
        if left is None:
            session = self.session(leg.session_key)
            assert session is not None
            ping = second(session.last_ping)
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
