"""One clock for all servers: the database's.

Pings are written and compared by different machines. If each used its own clock, one that is half
a minute ahead would see nobody in any call. Every process therefore tells the database's time: it
asks for it now and then, and counts on from there with a clock that nobody sets.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.backends.signals import connection_created
from django.utils import timezone

from talk_calls.conf import conf
from talk_calls.db import transactions

#: Seconds after which the database is asked again; clocks drift by less than 0.1 s in that time.
MAX_AGE = 600

#: Seconds within which a new connection does not ask again.
MIN_AGE = 60

#: Seconds that the question may take; the answer is off by half of that at most.
PROMPT = 0.1

#: How often it is asked until the answer is prompt.
TRIES = 3


@dataclass(frozen=True, slots=True)
class _Reading:
    """The database's time at a tick of our own clock, and how long the question took."""

    time: datetime
    tick: float
    took: float


_latest: _Reading | None = None


def connect() -> None:
    """Ask whenever a connection is made: the database may be another one now."""
    connection_created.connect(_on_new_connection, dispatch_uid="talk_calls.host.clock")


def now() -> datetime:
    """Return the time by the clock of ``TALK_CALLS["CLOCK"]``, which is ``database_now``."""
    moment: datetime = conf.clock()
    return moment


def database_now() -> datetime:
    """Return the database's time, asking it at most once in ten minutes.

    SQLite has no clock of its own; there it is this machine's.
    """
    connection = transactions.connection()
    if connection.vendor != "postgresql":
        return timezone.now()
    reading = _latest
    if reading is None or _tick() - reading.tick > MAX_AGE:
        reading = _ask(connection)
    return reading.time + timedelta(seconds=_tick() - reading.tick)


def _tick() -> float:
    """Return seconds of a clock that nobody sets, and that goes on while a machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _on_new_connection(connection: Any, **kwargs: Any) -> None:
    if connection.alias != transactions.alias() or connection.vendor != "postgresql":
        return
    if _latest is None or _tick() - _latest.tick > MIN_AGE:
        _ask(connection)


def _ask(connection: Any) -> _Reading:
    """Read the database's clock; the promptest answer counts, as a process may be stopped."""
    global _latest  # noqa: PLW0603 -- one clock per process
    best = _read(connection)
    for _ in range(TRIES - 1):
        if best.took < PROMPT:
            break
        best = min(best, _read(connection), key=lambda reading: reading.took)
    _latest = best
    return best


def _read(connection: Any) -> _Reading:
    before = _tick()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    after = _tick()
    return _Reading(moment, (before + after) / 2, after - before)
