"""Load, minute by minute."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.reports.live import live_totals
from talk_calls.reports.load import load
from tests.meetings import NOON, at


def numbers(since, now):
    return [(minute.calls, minute.devices) for minute in load(since, now)]


def test_nothing(db):
    """Each minute is there, also where nothing was; the first and last may be begun."""
    found = load(at(30), at(150))
    assert [minute.at for minute in found] == [NOON, at(60), at(120)]
    assert numbers(at(30), at(150)) == [(0, 0)] * 3


def test_joins_and_leaves(meeting):
    """Each minute has the numbers at its end."""
    weekly, other = meeting(), meeting()
    weekly.join("Alice", 10)
    weekly.join("Bob", 59)
    weekly.leave("Bob", 61)
    other.join("Carol", 62)
    other.leave("Carol", 63)
    weekly.join("Bob", 181)
    weekly.ping(at(239))
    assert numbers(NOON, at(239)) == [(1, 2), (1, 1), (1, 1), (1, 2)]


def test_what_was_there_before(meeting):
    """A window begins with what went on; what was over before it is not asked for."""
    over, weekly = meeting(), meeting()
    over.join("Carol", 0)
    over.leave("Carol", 1)
    weekly.join("Alice", 10)
    weekly.join("Bob", 20)
    weekly.leave("Bob", 30)
    weekly.join("Dave", 130)
    weekly.leave("Alice", 200)
    weekly.ping(at(239))
    assert numbers(at(60), at(239)) == [(1, 1), (1, 2), (1, 1)]


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (0, [(2, 3), (2, 3), (1, 1), (1, 1), (1, 1)]),
        (120, [(1, 1), (1, 1), (1, 1)]),
        (240, [(1, 1)]),
    ],
)
def test_timeouts_count_before_they_are_stored(meeting, since, expected):
    """The last minute agrees with the live numbers."""
    weekly, abandoned = meeting(), meeting()
    weekly.join("Alice", 0)
    weekly.join("Bob", 0)
    abandoned.join("Carol", 0)
    weekly.time_out("Bob", 95)
    abandoned.time_out("Carol", 100)
    now = at(290)
    weekly.ping(now)
    assert numbers(at(since), now) == expected
    assert (live_totals(now).calls, live_totals(now).devices) == expected[-1]


def test_storing_timeouts_changes_nothing(meeting):
    """The numbers are the same before and after timeouts are stored."""
    weekly = meeting()
    weekly.join("Alice", 0)
    weekly.join("Bob", 0)
    weekly.time_out("Bob", 50)
    weekly.ping(at(200))
    before = numbers(NOON, at(200))
    weekly.join("Alice", 200)
    assert numbers(NOON, at(200)) == before == [(1, 2), (1, 1), (1, 1), (1, 1)]


@pytest.mark.parametrize("people", [1, 8])
def test_statements(meeting, people):
    """A day costs two statements, however many came and went."""
    weekly = meeting()
    for number in range(people):
        weekly.join(f"Person {number}", 60 * number)
    with CaptureQueriesContext(connection) as captured:
        assert len(load(NOON - timedelta(days=1), at(1))) == 24 * 60 + 1
    assert len(captured) == 2
