"""One clock for all servers: the database's.

Pings are written and compared by different machines. If each used its own clock, a machine that is
half a minute ahead would see every session as timed out. So every process uses the database's time:
it queries the database now and then, and adds the time since then by its monotonic clock.
"""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.utils import timezone

from talk_calls.conf import conf
from talk_calls.db import transactions

#: Seconds after which the database is queried again; clocks drift by less than 0.1 s in that time.
MAX_AGE = 600

#: Seconds within which a new connection does not query again.
MIN_AGE = 60

#: Seconds that the query may take; the result is wrong by half of that at most.
MAX_DURATION = 0.1

#: How often to query if it takes longer.
TRIES = 3


@dataclass(frozen=True, slots=True)
class _Reading:
    """The database's time at a tick of the monotonic clock, and how many seconds the query took."""

    time: datetime
    tick: float
    duration: float


_latest: _Reading | None = None


def connect() -> None:
    """Query on each new connection: the database may have moved to another machine."""
    connection_created.connect(_on_new_connection, dispatch_uid="talk_calls.host.clock")


def now() -> datetime:
    """Return the time by ``TALK_CALLS["CLOCK"]``, by default ``database_now``."""
    moment: datetime = conf.clock()
    return moment


def database_now() -> datetime:
    """Return the database's time, with a query at most every ten minutes.

    SQLite has no clock of its own, so there it is this machine's time.
    """
    connection = transactions.connection()
    if connection.vendor != "postgresql":
        return timezone.now()
    reading = _latest
    if reading is None or _tick() - reading.tick > MAX_AGE:
        reading = _ask(connection)
    return reading.time + timedelta(seconds=_tick() - reading.tick)


def _tick() -> float:
    """Return seconds of a monotonic clock, if possible one that also runs during suspend."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def _on_new_connection(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    if connection.alias != transactions.alias() or connection.vendor != "postgresql":
        return
    if _latest is None or _tick() - _latest.tick > MIN_AGE:
        _ask(connection)


def _ask(connection: BaseDatabaseWrapper) -> _Reading:
    """Query the database's clock; the fastest of a few tries counts, as a process may be paused."""
    global _latest  # noqa: PLW0603 -- one clock per process
    best = _read(connection)
    for _ in range(TRIES - 1):
        if best.duration < MAX_DURATION:
            break
        best = min(best, _read(connection), key=lambda reading: reading.duration)
    _latest = best
    return best


def _read(connection: BaseDatabaseWrapper) -> _Reading:
    before = _tick()
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (moment,) = cursor.fetchone()
    after = _tick()
    return _Reading(moment, (before + after) / 2, after - before)
