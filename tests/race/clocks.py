"""A clock that is a little off, each process by its own amount.

Processes ask the database for its time, and are off by half of what the question took: nothing on
an idle machine, and tens of milliseconds on a busy one. Here they are always.
"""

import os
import random
from datetime import datetime, timedelta
from functools import cache

from talk_calls import clock

#: Seconds by which a process is off at most.
_OFF = float(os.environ.get("RACE_CLOCK_OFF", "0.05"))


def now() -> datetime:
    """Return the database's time, roughly."""
    return clock.database_now() + _offset(os.getpid())


@cache
def _offset(pid: int) -> timedelta:
    dice = random.Random(pid)  # a forked process has its parent's dice
    return timedelta(seconds=dice.uniform(-_OFF, _OFF))
