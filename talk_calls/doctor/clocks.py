"""Do all machines agree on the time?"""

from datetime import timedelta
from time import monotonic

from django.utils import timezone

from talk_calls.conf import DEFAULTS, conf
from talk_calls.db import transactions
from talk_calls.doctor.findings import Finding, Visit, error, skipped, warning, well
from talk_calls.host import clock

#: By how much the clocks may differ; the rest of a second is nobody's business.
TOLERABLE = timedelta(seconds=1)


def examine(visit: Visit) -> list[Finding]:
    """Compare the database's clock with this machine's, and with the one that pings go by."""
    if transactions.connection().vendor != "postgresql":
        says = "This database has no clock of its own; all processes must be on one machine."
        return [skipped(says)]
    skew, doubt = measure()
    told = f"The database's clock and this machine's differ by {_seconds(skew)} (± {_ms(doubt)})."
    followed = abs(clock.now() - timezone.now() - skew) <= TOLERABLE + doubt
    if abs(skew) <= TOLERABLE + doubt:
        return [well(told)]
    if followed:
        hint = "Calls go by the database's clock, so they are right; let NTP set both clocks."
        return [warning(told, hint)]
    hint = f"Let NTP set both clocks, or take CLOCK out of TALK_CALLS ({DEFAULTS['CLOCK']})."
    return [error(f"{told} Pings go by {conf.clock.__module__}.{conf.clock.__name__}.", hint)]


def measure() -> tuple[timedelta, timedelta]:
    """Return by how much the database is ahead, and by how much that may be off.

    The promptest of three answers counts; it was given half-way, give or take half the way.
    """
    return min((_ask() for _ in range(3)), key=lambda reading: reading[1])


def _ask() -> tuple[timedelta, timedelta]:
    with transactions.connection().cursor() as cursor:
        before, tick = timezone.now(), monotonic()
        cursor.execute("SELECT clock_timestamp()")
        (there,) = cursor.fetchone()
        half = timedelta(seconds=(monotonic() - tick) / 2)
    return there - (before + half), half


def _seconds(span: timedelta) -> str:
    return f"{abs(span.total_seconds()):.3f} s"


def _ms(span: timedelta) -> str:
    return f"{span.total_seconds() * 1000:.1f} ms"
