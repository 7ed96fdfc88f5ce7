"""Checks that the clocks of the database and of this machine agree."""

from datetime import timedelta
from time import monotonic

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from talk_calls.conf import DEFAULTS, conf
from talk_calls.db import transactions
from talk_calls.health.results import CheckContext, Result, error, ok, skipped, warning
from talk_calls.host import clock

#: By how much the clocks may differ without a warning.
TOLERANCE = timedelta(seconds=1)


def run(context: CheckContext) -> list[Result]:
    """Compare the database's clock with this machine's, and with the one that ``CLOCK`` names."""
    if transactions.connection().vendor != "postgresql":
        return [
            skipped(
                _("This database has no clock of its own; all processes must be on one machine.")
            )
        ]
    skew, uncertainty = measure()
    message = _(
        "The database's clock and this machine's differ by {difference} (± {uncertainty})."
    ).format(difference=_seconds(skew), uncertainty=_milliseconds(uncertainty))
    if abs(skew) <= TOLERANCE + uncertainty:
        return [ok(message)]
    uses_database_time = abs(clock.now() - timezone.now() - skew) <= TOLERANCE + uncertainty
    if uses_database_time:
        right = _("Calls use the database's clock, so they are right; let NTP set both clocks.")
        return [warning(message, right)]
    hint = _("Let NTP set both clocks, or take CLOCK out of TALK_CALLS ({clock}).").format(
        clock=DEFAULTS["CLOCK"]
    )
    name = f"{conf.clock.__module__}.{conf.clock.__name__}"
    return [
        error(_("{message} Pings are timed by {name}.").format(message=message, name=name), hint)
    ]


def measure() -> tuple[timedelta, timedelta]:
    """Return by how much the database's clock is ahead, and the uncertainty of that.

    The fastest of three queries counts. The database is taken to have read its clock half-way
    through the query, so the uncertainty is half of its duration.
    """
    return min((_measure_once() for _ in range(3)), key=lambda measurement: measurement[1])


def _measure_once() -> tuple[timedelta, timedelta]:
    with transactions.connection().cursor() as cursor:
        before, tick = timezone.now(), monotonic()
        cursor.execute("SELECT clock_timestamp()")
        (database_time,) = cursor.fetchone()
        half = timedelta(seconds=(monotonic() - tick) / 2)
    return database_time - (before + half), half


def _seconds(delta: timedelta) -> str:
    return f"{abs(delta).total_seconds():.3f} s"


def _milliseconds(delta: timedelta) -> str:
    return f"{delta.total_seconds() * 1000:.1f} ms"
