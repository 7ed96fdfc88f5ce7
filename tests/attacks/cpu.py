"""How much CPU an attack may cost, on a machine of any speed that is busy with other things."""

import time
from functools import cache

#: Seconds that the fixed piece of Python takes on the machine for which the bounds are stated.
_REFERENCE = 0.004

#: Caches that others fill and a clock that changes make the same code this much slower at times.
_SLACK = 2


def allowed(seconds: float) -> float:
    """Return the bound for this machine, for one that is stated in seconds of CPU."""
    return seconds * _SLACK * max(1, _slowness())


@cache
def _slowness() -> float:
    return min(_fixed_piece() for _ in range(5)) / _REFERENCE


def _fixed_piece() -> float:
    start = time.process_time()
    sum(number * number for number in range(60_000))
    return time.process_time() - start
