"""Checks that the sweeper runs: expired and old rows are deleted and all events sent."""

from dataclasses import asdict
from datetime import datetime, timedelta

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.health.results import CheckContext, Result, error, ok, warning
from talk_calls.models import OutboxEvent, Session
from talk_calls.services import retention, sweeper

#: Expired rows beyond which this is a warning: an hour of many guests leaves fewer behind.
MANY = 1000

#: How many days longer than ``HISTORY_DAYS`` calls may be there before this is a warning.
DAYS_LATE = 2

#: How long an expired row may wait for a sweeper before this is a warning.
TOLERANCE = timedelta(hours=1)


def run(context: CheckContext) -> list[Result]:
    """Count what the sweeper would do, and tell how far it is behind."""
    waiting = asdict(sweeper.preview(now=context.now))
    unsent = waiting.pop("events_told")
    del waiting["names_updated"]  # no rows, and nobody is the worse for one
    total = sum(waiting.values())
    results = []
    if unsent:
        hint = _("manage.py talk_sweep sends them; run it every minute, best with --loop 60.")
        results.append(
            error(
                _("{unsent} events of calls were not sent to the site.").format(unsent=unsent), hint
            )
        )
    hint = _("Run manage.py talk_sweep every minute (--loop 60); rows pile up without it.")
    if total > MANY:
        results.append(
            warning(_("{total:,} expired rows wait for the sweeper.").format(total=total), hint)
        )
    waits = longest_wait(context.now)
    if waits > TOLERANCE:
        hours = int(waits.total_seconds() // 3600)
        results.append(
            warning(
                _("An expired device waits for the sweeper for {hours} h.").format(hours=hours),
                hint,
            )
        )
    if (days := retention.days_late(context.now)) > DAYS_LATE:
        hint = _("manage.py talk_sweep deletes calls of days that are summarised; run it often.")
        results.append(
            warning(
                _("Calls are kept for {days:,} days longer than HISTORY_DAYS says.").format(
                    days=days
                ),
                hint,
            )
        )
    return results or [
        ok(_("{total:,} expired rows wait for the sweeper, and no events.").format(total=total))
    ]


def unsent_events(now: datetime) -> int:
    """Return how many events wait whose process died before it sent them; one query."""
    return OutboxEvent.objects.overdue(now).count()


def longest_wait(now: datetime) -> timedelta:
    """Return for how long the oldest expired device waits for the sweeper; one query."""
    oldest = Session.objects.expired(now).aggregate(ping=Min("last_ping"))["ping"]
    return now - oldest - conf.session_kill if oldest else timedelta()
