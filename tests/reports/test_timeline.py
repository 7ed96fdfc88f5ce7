"""One call from its start to its end."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.constants import LegReason
from talk_calls.models import Call, Session
from talk_calls.reports.timeline import Event, build_timeline
from tests.meetings import NOON, at


def legs(found):
    """Return the legs as (who, device, joined, left, why), times in seconds."""
    return [
        (
            each.who,
            each.device,
            (each.joined_at - NOON).total_seconds(),
            each.left_at and (each.left_at - NOON).total_seconds(),
            each.reason,
        )
        for each in found.legs
    ]


def test_a_call_that_is_over(meeting):
    """Everything is as history has it."""
    weekly = meeting()
    weekly.join("Alice", 0)
    weekly.join("Bob", 10)
    weekly.join("Bob", 20, device="phone")
    weekly.leave("Alice", 30)
    weekly.join("Alice", 40)
    weekly.leave("Alice", 50)
    weekly.leave("Bob", 60)
    weekly.leave("Bob", 70, device="phone")
    found = build_timeline(Call.objects.get(), at(1000))
    assert legs(found) == [
        ("Alice", 1, 0, 30, "left"),
        ("Bob", 1, 10, 60, "left"),
        ("Bob", 2, 20, 70, "left"),
        ("Alice", 1, 40, 50, "left"),
    ]
    facts = (found.name, found.token, found.started_by, found.ended_by, found.reason_text)
    token = weekly.conversation.token
    assert facts == ("Weekly", token, "Alice", "Bob", "Left the call")
    assert (found.ended_at, found.duration.total_seconds()) == (at(70), 70)
    assert (found.people, found.peak) == (2, 2)
    assert found.events == [
        Event(at(0), "Call started", "Alice"),
        Event(at(0), "Joined", "Alice", 1),
        Event(at(10), "Joined", "Bob", 1),
        Event(at(20), "Joined", "Bob", 2),
        Event(at(30), "Left the call", "Alice", 1),
        Event(at(40), "Joined", "Alice", 1),
        Event(at(50), "Left the call", "Alice", 1),
        Event(at(60), "Left the call", "Bob", 1),
        Event(at(70), "Left the call", "Bob", 2),
        Event(at(70), "Call ended: Left the call", "Bob"),
    ]


def test_a_call_that_goes_on(meeting):
    """Sessions in the call have no end; timed out ones have the timeout."""
    weekly = meeting()
    weekly.join("Alice", 0)
    weekly.join("Bob", 10)
    weekly.time_out("Bob", 20)
    weekly.ping(at(100))
    found = build_timeline(Call.objects.get(), at(110))
    assert legs(found) == [("Alice", 1, 0, None, ""), ("Bob", 1, 10, 50, "timeout")]
    assert (found.ended_at, found.reason_text, found.duration.total_seconds()) == (
        None,
        "Goes on",
        110,
    )
    assert [each.duration(at(110)).total_seconds() for each in found.legs] == [110, 40]
    assert [each.reason_text for each in found.legs] == ["Still in", "Stopped pinging"]
    assert found.events[-1] == Event(at(50), "Stopped pinging", "Bob", 1)


def test_a_timed_out_call_is_shown_as_it_will_be_stored(meeting):
    """An open call of timed out sessions ended at the last timeout."""
    weekly = meeting()
    weekly.join("Alice", 0)
    weekly.join("Bob", 10)
    weekly.time_out("Bob", 20)
    weekly.time_out("Alice", 40)
    found = build_timeline(Call.objects.get(), at(110))
    assert legs(found) == [("Alice", 1, 0, 70, "timeout"), ("Bob", 1, 10, 50, "timeout")]
    assert (found.ended_at, found.reason, found.ended_by) == (at(70), LegReason.TIMEOUT, "")
    assert found.events[-1] == Event(at(70), "Call ended: Stopped pinging")


def test_a_leg_whose_session_is_gone(meeting):
    """A leg without a session ends as it will be stored."""
    weekly = meeting()
    weekly.join("Alice", 0)
    weekly.join("Bob", 0)
    Session.objects.filter(pk=weekly.devices["Bob"].pk).delete()
    found = build_timeline(Call.objects.get(), at(10))
    assert legs(found) == [("Alice", 1, 0, None, ""), ("Bob", 1, 0, 10, "removed")]


@pytest.mark.parametrize(
    ("moves", "peak"),
    [
        ([("join", "A", 0), ("leave", "A", 5)], 1),
        ([("join", "A", 0), ("join", "B", 1), ("leave", "A", 5), ("join", "C", 5)], 2),
        ([("join", "A", 0), ("join", "B", 1), ("leave", "A", 5), ("join", "C", 4)], 3),
        ([("join", "A", 0), ("join", "B", 1), ("leave", "B", 1)], 1),
    ],
)
def test_peak(meeting, moves, peak):
    """A leave and a join in the same moment do not overlap."""
    weekly = meeting()
    for move, name, seconds in sorted(moves, key=lambda move: move[2]):
        getattr(weekly, move)(name, seconds)
    assert build_timeline(Call.objects.get(), at(5)).peak == peak


@pytest.mark.parametrize("people", [1, 8])
def test_statements(meeting, people):
    """Two statements, however many were in."""
    weekly = meeting()
    for number in range(people):
        weekly.join(f"Person {number}", number)
    call = Call.objects.select_related("conversation").get()
    with CaptureQueriesContext(connection) as captured:
        assert len(build_timeline(call, at(people)).events) == people + 1
    assert len(captured) == 2
