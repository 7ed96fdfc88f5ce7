"""What does not happen in time, as tests say it.

A busy machine is late and yet right. `make` tries these tests, and no others, again
(Makefile), and names them; one that is late each time fails.
"""

import time
from collections.abc import Callable


class TooLate(AssertionError):
    """Something did not happen, or took longer than it may."""


def in_time(seconds: float, bound: float, what: str = "it") -> float:
    """Return how long something took; raises ``TooLate`` if that is not less than ``bound``."""
    if seconds >= bound:
        raise TooLate(f"{what} took {seconds:.2f} s, not less than {bound} s")
    return seconds


def until_so(is_so: Callable[[], object], within: float, what: str = "it") -> float:
    """Wait until something is so; return how many seconds it took. Raises ``TooLate``."""
    begun = time.monotonic()
    while not is_so():
        if time.monotonic() > begun + within:
            raise TooLate(f"{what} was not so within {within} s")
        time.sleep(0.005)
    return time.monotonic() - begun
