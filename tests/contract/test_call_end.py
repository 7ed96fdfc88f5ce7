"""When a call ends, and what it leaves behind (behaviour 4.5)."""

import pytest

from talk_calls.models import Call, CallLeg
from talk_calls.services import participants
from tests.contract.conftest import EACH_VERSION, NOW
from tests.contract.expected import ok

pytestmark = pytest.mark.django_db


def shown(person):
    """Return what the conversation shows of its call."""
    room = person.room("get").data
    return bool(room["hasCall"]), int(room.get("callFlag", 0))


def ended():
    """Return seconds from ``NOW`` and reason of the end of each call, oldest first."""
    return [
        (call.ended_at and (call.ended_at - NOW).total_seconds(), call.end_reason)
        for call in Call.objects.order_by("started_at")
    ]


WAYS_OUT = {
    "call left": (lambda person: person.call("delete"), "left"),
    "joined with 0": (lambda person: person.call("post", {"flags": 0}), "left"),
    "conversation left": (
        lambda person: person.room("delete", "/participants/active"),
        "room_left",
    ),
    "attendee removed": (
        lambda person: participants.remove(attendee=person.attendee, now=NOW),
        "removed",
    ),
    "account deleted": (lambda person: person.attendee.user.delete(), "removed"),
}


@pytest.mark.contract("4.5/condition", "4.5/reset")
@EACH_VERSION
@pytest.mark.parametrize("way", WAYS_OUT)
def test_call_ends_when_nobody_is_left(arrive, way):
    """However the last one goes, the call is over, and the conversation shows none."""
    go, reason = WAYS_OUT[way]
    watcher, last = arrive("moderator"), arrive("member")
    last.call("post")
    go(last)
    assert shown(watcher) == (False, 0)
    assert ended() == [(0, reason)]


@pytest.mark.contract("4.5/condition")
@EACH_VERSION
@pytest.mark.parametrize("way", WAYS_OUT)
def test_call_goes_on_while_somebody_is_left(arrive, version, way):
    """One participant's leave does not end the call of the others."""
    go, _ = WAYS_OUT[way]
    watcher, other = arrive("moderator"), arrive("member")
    watcher.call("post", {"flags": 3})
    other.call("post", {"flags": 3})
    go(other)
    assert shown(watcher) == (True, 0 if version == "v1" else 3)
    assert ended() == [(None, "")]


@pytest.mark.contract("4.5/condition")
@EACH_VERSION
def test_call_goes_on_with_a_guest_alone(arrive):
    """A guest is as good as a user at keeping a call going."""
    member, guest = arrive("member"), arrive("guest")
    member.call("post")
    guest.call("post")
    member.call("delete")
    assert shown(member)[0] is True


@pytest.mark.contract("4.5/condition")
@EACH_VERSION
def test_call_is_not_kept_open_by_timed_out_sessions(arrive, clock):
    """A session without a ping for more than 30 seconds is not in the call, whatever is stored."""
    arrive("moderator").call("post")
    clock.shift(20)
    member = arrive("member")
    member.call("post")
    clock.shift(11)
    answer = member.call("delete")
    assert answer.whole == ok(answer, [])
    assert shown(member) == (False, 0)
    assert ended() == [(31, "left")]


@pytest.mark.contract("4.5/condition")
@EACH_VERSION
def test_call_ends_at_the_last_timeout(arrive, clock):
    """A call ends at the last timeout, not at the time at which it was noticed."""
    arrive("moderator").call("post")
    clock.shift(90)
    member = arrive("member")
    assert shown(member) == (False, 0)
    member.call("post")
    assert ended() == [(30, "timeout"), (None, "")]


@pytest.mark.contract("4.5/reset")
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_next_call_begins_anew(arrive, clock, version):
    """Start and flags of a call do not carry over to the next one."""
    member = arrive("member")
    member.call("post", {"flags": 7})
    member.call("delete")
    clock.shift(10)
    member.call("post", {"flags": 1})
    assert shown(member) == (True, 1)
    starts = [(call.started_at - NOW).total_seconds() for call in Call.objects.order_by("pk")]
    assert starts == [0, 10]


@pytest.mark.contract("4.5/reset")
@EACH_VERSION
def test_call_ends_once(arrive, clock):
    """Of two who go at once only one ends the call; the other changes nothing about its end."""
    member, guest = arrive("member"), arrive("guest")
    member.call("post")
    guest.call("post")
    member.call("delete")
    guest.call("delete")
    clock.shift(10)
    guest.room("delete", "/participants/active")
    assert ended() == [(0, "left")]


@pytest.mark.contract("4.5/attended")
@EACH_VERSION
def test_call_remembers_who_attended(arrive, clock):
    """After a call its history has who was in, from when to when, guests included."""
    member, guest = arrive("member", username="alice"), arrive("guest")
    member.call("post")
    clock.shift(5)
    guest.call("post")
    clock.shift(5)
    member.call("delete")
    clock.shift(5)
    guest.call("delete")
    legs = [
        (
            leg.actor_id,
            (leg.joined_at - NOW).total_seconds(),
            (leg.left_at - NOW).total_seconds(),
            leg.reason,
        )
        for leg in CallLeg.objects.order_by("joined_at")
    ]
    assert legs == [("alice", 0, 10, "left"), (guest.attendee.actor_id, 5, 15, "left")]
    assert ended() == [(15, "left")]
