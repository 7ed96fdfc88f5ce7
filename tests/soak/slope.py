"""How much memory grows with requests: the slope of a line through samples."""

from collections.abc import Sequence
from statistics import linear_regression

from tests.attacks.harness.state import State

#: A sample: how many requests had been sent, and what the server used then.
Sample = tuple[int, State]

#: The share of the requests after which the server counts as warm.
_WARM = 0.2

#: With fewer samples than these a slope tells nothing.
_FEWEST = 24


def slope(samples: Sequence[Sample]) -> float | None:
    """Return KiB of RSS per 1,000 requests once the server is warm; None for too few samples."""
    if not samples:
        return None
    warm = [(sent, state.rss) for sent, state in samples if sent >= samples[-1][0] * _WARM]
    if len(warm) < _FEWEST:
        return None
    return 1000 * linear_regression(*zip(*warm, strict=True)).slope
