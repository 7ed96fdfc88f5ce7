"""Periods of time."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.race.spans import Span, overlaps


def span(start: float, end: float | None, name: str = "") -> Span:
    moments = [
        None if at is None else datetime(2021, 2, 22, tzinfo=UTC) + timedelta(seconds=at)
        for at in (start, end)
    ]
    assert moments[0] is not None
    return Span(moments[0], moments[1], name)


@pytest.mark.parametrize(
    ("spans", "count"),
    [
        ([], 0),
        ([(0, 1), (1, 2), (2, None)], 0),
        ([(2, None), (0, 1), (1, 2)], 0),
        ([(1, 1), (0, 1), (1, 2)], 0),
        ([(0, 2), (1, 3)], 1),
        ([(0, None), (1, 2)], 1),
        ([(0, 1), (0, 1)], 1),
    ],
)
def test_overlaps(spans, count):
    """One may begin at the moment at which another ends, and no earlier."""
    assert len(overlaps(span(*each) for each in spans)) == count


@pytest.mark.parametrize(
    ("inner", "outer", "expected"),
    [
        ((1, 2), (1, 2), True),
        ((1, 2), (0, None), True),
        ((1, None), (0, None), True),
        ((1, None), (0, 2), False),
        ((0, 2), (1, 3), False),
        ((1, 4), (1, 3), False),
    ],
)
def test_is_within(inner, outer, expected):
    """All of it, also while it lasts."""
    assert span(*inner).is_within(span(*outer)) is expected


@pytest.mark.parametrize(
    ("start", "end", "expected"), [(0, 1, False), (0, 2, True), (3, None, True), (5, None, False)]
)
def test_covers(start, end, expected):
    """A moment in common is enough; here with the seconds 2 to 4."""
    asked = span(2, 4)
    assert asked.end is not None
    assert span(start, end).covers(asked.start, asked.end) is expected


def test_negative():
    """What ends before it begins."""
    assert span(1, 0).is_negative
    assert not span(1, 1).is_negative
    assert not span(1, None).is_negative
