"""A clock that is off by a small amount, another one in each process.

Processes ask the database for its time, and are off by half of the duration of that query: nothing
on an idle machine, tens of milliseconds on a busy one. Here they are always off.
"""

import os
import random
from datetime import datetime, timedelta
from functools import cache

from talk_calls.host import clock

#: Seconds by which a process is off at most.
_MOST = float(os.environ.get("RACE_CLOCK_OFF", "0.05"))


def now() -> datetime:
    """Return the database's time plus the offset of this process."""
    return clock.database_now() + _offset(os.getpid())


@cache
def _offset(pid: int) -> timedelta:
    rng = random.Random(pid)  # the global state is that of the parent, the same in all
    return timedelta(seconds=rng.uniform(-_MOST, _MOST))
