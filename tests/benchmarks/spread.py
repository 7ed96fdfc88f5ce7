"""Medians and quartiles of figures that vary."""

from collections.abc import Iterable, Sequence
from statistics import quantiles
from typing import NamedTuple


class Spread(NamedTuple):
    """The median, and the quartiles below and above it."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f}–{self.high:.2f})"


def spread(values: Sequence[float]) -> Spread:
    """Return median and quartiles; of a single value, that value three times."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return Spread(middle, low, high)


def ratios(values: Iterable[float], others: Iterable[float]) -> Spread:
    """Return the spread of the ratios of figures that were measured in turn.

    What slows both of a pair, such as other work on the machine, is not in their ratio.
    """
    return spread([value / other for value, other in zip(values, others, strict=True)])
