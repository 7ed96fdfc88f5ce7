"""What a chart shows, and round numbers for its axis."""

import math
from typing import NamedTuple


class Value(NamedTuple):
    """A bar: what it is, how much it is, and what to say about it to those who point at it."""

    label: str
    amount: float
    title: str


def ticks(most: float, count: int = 4) -> list[float]:
    """Return round numbers from 0 up to at least ``most``, about ``count`` steps of equal size."""
    if most <= 0:
        return [0, 1]
    rough = most / count
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    step = max(step, 1)
    return [step * number for number in range(math.ceil(most / step) + 1)]
