"""The axes of charts, and the paths of the load."""

from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from talk_calls.admin.charts import LoadChart
from talk_calls.admin.charts.axes import Scale, place_for, round_amounts, round_times
from talk_calls.reports.load import Minute
from tests.meetings import NOON, at


@pytest.mark.parametrize(
    ("highest", "amounts"),
    [
        (0, [0, 1]),
        (2, [0, 1, 2]),
        (3, [0, 2, 4]),
        (5, [0, 5]),
        (11, [0, 10, 20]),
        (41, [0, 50]),
        (20000, [0, 10000, 20000]),
    ],
)
def test_amounts_are_round(highest, amounts):
    assert round_amounts(highest, steps=2) == amounts


@pytest.mark.parametrize(("highest", "place"), [(1, 52), (9_999, 55), (300_000, 73)])
def test_numbers_of_an_axis_have_place(highest, place):
    """Numbers of many digits were cut off."""
    assert place_for([0, highest]) == place


@pytest.mark.parametrize(
    ("value", "coordinate"), [(0, 100), (5, 60), (10, 20), (-1, 100), (11, 20)]
)
def test_a_scale_is_linear_and_ends_at_its_ends(value, coordinate):
    assert Scale(0, 10, 100, 20)(value) == coordinate


def test_a_scale_of_one_value_starts_at_its_start():
    """A call that ended when it began has no length."""
    assert Scale(7, 7, 100, 20)(7) == 100


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
        assert [word for _, word in round_times(start, start + span, steps=8)] == words


def test_times_are_local():
    """A zone of half an hour has round times of its own."""
    with timezone.override(ZoneInfo("Asia/Kolkata")):
        ticks = list(round_times(NOON, NOON + timedelta(hours=3), steps=3))
    assert [word for _, word in ticks] == ["18:00", "19:00", "20:00"]
    assert ticks[0][0] == NOON + timedelta(minutes=30)


def test_years_have_marks_too():
    """A call that nobody ever left has no more marks than another."""
    assert len(list(round_times(NOON, NOON + timedelta(days=1000), steps=8))) <= 10


def test_load_is_drawn_where_it_changes():
    """The line steps up and down, from the left edge to the right one."""
    numbers = [(0, 0), (1, 2), (1, 2), (1, 1)]
    minutes = [Minute(at(60 * n), calls, devices) for n, (calls, devices) in enumerate(numbers)]
    chart = LoadChart(minutes)
    assert chart.devices == "M52 170H52V170H243V12H625V91H625V170Z"
    assert chart.calls == "M52 170H52V170H243V91H625"
    assert [(tick.at, tick.text) for tick in chart.levels] == [(170, "0"), (91, "1"), (12, "2")]
