"""Round numbers at the edges of pictures, and the path of the load."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from talk_calls.admin.axes import round_top, time_ticks
from talk_calls.admin.load_chart import LoadChart
from talk_calls.reports.load import Minute
from tests.meetings import NOON, at


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 2), (2, 2), (3, 4), (5, 10), (11, 20), (40, 40), (41, 100), (20000, 20000)],
)
def test_tops_are_round(most, top):
    assert round_top(most) == top


@pytest.mark.parametrize(
    ("start", "span", "words"),
    [
        (at(3), timedelta(seconds=4), ["12:00:03", "12:00:04", "12:00:05", "12:00:06", "12:00:07"]),
        (at(61), timedelta(minutes=5), ["12:02", "12:03", "12:04", "12:05", "12:06"]),
        (
            at(0),
            timedelta(hours=18),
            ["12:00", "15:00", "18:00", "21:00", "Mar 2", "03:00", "06:00"],
        ),
        (at(0), timedelta(days=3), ["12:00", "Mar 2", "12:00", "Mar 3", "12:00", "Mar 4", "12:00"]),
        (at(0), timedelta(0), ["12:00:00"]),
    ],
)
def test_times_are_round(start, span, words):
    with timezone.override(UTC):
        assert [word for _, word in time_ticks(start, start + span, most=8)] == words


def test_times_are_local():
    """A zone of half an hour has round times of its own."""
    with timezone.override(ZoneInfo("Asia/Kolkata")):
        ticks = list(time_ticks(NOON, NOON + timedelta(hours=3), most=3))
    assert [word for _, word in ticks] == ["18:00", "19:00", "20:00"]
    assert ticks[0][0] == NOON + timedelta(minutes=30)


def test_years_have_marks_too():
    """A call that nobody ever left has no more marks than another."""
    assert len(list(time_ticks(NOON, NOON + timedelta(days=1000), most=8))) <= 10


def test_load_is_drawn_where_it_changes():
    """The line steps up and down, from the left edge to the right one."""
    numbers = [(0, 0), (1, 2), (1, 2), (1, 1)]
    minutes = [Minute(at(60 * n), calls, devices) for n, (calls, devices) in enumerate(numbers)]
    chart = LoadChart(minutes)
    assert chart.devices == "M52 170H52V170H243V12H625V91H625V170Z"
    assert chart.calls == "M52 170H52V170H243V91H625"
    assert [(tick.at, tick.words) for tick in chart.levels] == [(170, "0"), (91, "1"), (12, "2")]
