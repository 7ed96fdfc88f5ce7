"""The figures of the benchmarks: ratios of what was measured in the same round."""

import pytest

from tests.benchmarks.cases import LIST, Case, Cost, Result
from tests.benchmarks.spread import ratios, spread


def _result(*rounds: tuple[float, float], case: Case | None = None) -> Result:
    """Return a result of rounds, each with its CPU and that of the empty view."""
    costs = [Cost(100, 100.0, cpu, 0.0, 1.0, 2.0, 0.0, empty, 4.0) for cpu, empty in rounds]
    return Result(case or Case("list-2", "list", LIST), 1, 4.0, costs)


def test_what_slows_a_round_is_not_in_its_ratios():
    """A machine at half its speed doubles the yardstick too."""
    result = _result((4.0, 1.0), (8.0, 2.0), (12.0, 3.0))
    assert result.cpu_ms == (8.0, 6.0, 10.0)
    assert result.yardsticks == (4.0, 4.0, 4.0)
    assert result.pythons == (2.0, 1.5, 2.5)


def test_variants_are_compared_round_by_round():
    now, before = _result((2.0, 1.0), (6.0, 1.0)), _result((4.0, 1.0), (12.0, 1.0))
    assert now.against(before) == (0.5, 0.5, 0.5)


def test_the_share_is_that_of_the_reference_in_yardsticks():
    """What costs as much as at the commit of the reference has the share measured there."""
    assert _result((2 * LIST.app, 2.0)).share == pytest.approx(LIST.share)
    assert _result((1.0, 1.0), case=Case("rooms-500", "room list")).share is None


def test_spread():
    assert spread([3.0]) == (3.0, 3.0, 3.0)
    assert spread([5.0, 1.0, 3.0]) == (3.0, 2.0, 4.0)
    with pytest.raises(ValueError, match="zip"):
        ratios([1.0], [1.0, 2.0])
