"""Calls that are running now."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.models import Call
from talk_calls.reports.live import LiveTotals, live_totals
from tests.meetings import at


def test_nothing(meeting):
    """Without calls everything is nought."""
    meeting()
    assert live_totals(at(0)) == LiveTotals(calls=0, people=0, devices=0)
    assert not Call.objects.live(at(0)).exists()


def test_who_is_in(meeting):
    """People count once in each call, with any number of devices; timed out ones do not."""
    weekly, other, abandoned, over = (meeting() for _ in range(4))
    weekly.join("Alice", 0)
    weekly.join("Alice", 1, device="phone", flags=9)
    weekly.join("Bob", 2, flags=1)
    weekly.join("Carol", 3)
    other.join("Alice's friend", 4, flags=3)
    abandoned.join("Dave", 5)
    over.join("Eve", 6)
    over.leave("Eve", 7)
    weekly.time_out("Carol", 3)
    abandoned.time_out("Dave", 5)
    for each in (weekly, other):
        each.ping(at(60))
    weekly.ping(at(40))
    now = at(65)
    assert live_totals(now) == LiveTotals(calls=2, people=3, devices=4)
    rows = Call.objects.live(now).with_live(now).order_by("pk")
    assert list(
        rows.values_list("pk", "people_now", "devices_now", "flags_now", "oldest_ping")
    ) == [
        (weekly.conversation.calls.get().pk, 2, 3, 15, at(40)),
        (other.conversation.calls.get().pk, 1, 1, 3, at(60)),
    ]


def test_ended_calls_have_nobody_in(meeting):
    """A call that ended has nobody in."""
    over = meeting()
    over.join("Eve", 6)
    over.leave("Eve", 7)
    row = Call.objects.with_live(at(8)).get()
    assert (row.people_now, row.flags_now, row.oldest_ping) == (None, None, None)


def test_people_of_history(meeting):
    """Somebody who joined twice, or with two devices, counts once."""
    weekly = meeting()
    weekly.join("Alice", 0)
    weekly.join("Alice", 1, device="phone")
    weekly.join("Bob", 2)
    weekly.leave("Bob", 3)
    weekly.join("Bob", 4)
    assert Call.objects.with_people().get().people == 2


@pytest.mark.parametrize("calls", [1, 5])
def test_statements(meeting, calls):
    """The totals cost one statement, for any number of calls."""
    for _ in range(calls):
        meeting().join("Alice", 0)
    with CaptureQueriesContext(connection) as captured:
        assert live_totals(at(1)).calls == calls
    assert len(captured) == 1


@pytest.mark.parametrize(
    ("totals", "sentence"),
    [
        ((0, 0, 0), "No calls in progress"),
        ((1, 1, 1), "There is currently 1 call in progress with 1 participant"),
        ((1, 2, 3), "There is currently 1 call in progress with 2 participants"),
        (
            (1200, 2400, 2500),
            "There are currently 1,200 calls in progress with 2,400 participants",
        ),
    ],
)
def test_in_a_sentence(totals, sentence):
    """One call and one participant are described in the singular."""
    assert LiveTotals(*totals).sentence == sentence
