"""Checks that the sweeper runs: expired rows are deleted and all events sent."""

from dataclasses import asdict
from datetime import timedelta

from django.db.models import Min

from talk_calls.conf import conf
from talk_calls.health.results import CheckContext, Result, error, ok, warning
from talk_calls.models import PendingEvent, Session
from talk_calls.services import events, sweeper

#: Expired rows beyond which this is a warning: an hour of many guests leaves fewer behind.
MANY = 1000

#: How long an expired row may wait for a sweeper before this is a warning.
TOLERANCE = timedelta(hours=1)


def run(context: CheckContext) -> list[Result]:
    """Count what the sweeper would do, and tell how far it is behind."""
    waiting = asdict(sweeper.preview(now=context.now))
    del waiting["events_told"]  # `behind` counts them
    del waiting["names_updated"]  # no rows, and nobody is the worse for one
    total = sum(waiting.values())
    results = behind(context)
    if total > MANY:
        hint = "Run manage.py talk_sweep every minute (--loop 60); rows pile up without it."
        results.append(warning(f"{total:,} expired rows wait for the sweeper.", hint))
    return results or [ok(f"{total:,} expired rows wait for the sweeper, and no events.")]


def behind(context: CheckContext) -> list[Result]:
    """Tell how far the sweeper is behind, if it is; two statements, however many rows wait.

    A result is for events whose process died before it sent them, and for the row that waits for
    the longest time.
    """
    results = []
    unsent = PendingEvent.objects.filter(created_at__lt=context.now - events.OVERDUE).count()
    if unsent:
        hint = "manage.py talk_sweep sends them; run it every minute, best with --loop 60."
        results.append(error(f"{unsent} events of calls were not sent to the site.", hint))
    oldest = Session.objects.expired(context.now).aggregate(ping=Min("last_ping"))["ping"]
    waits = context.now - oldest - conf.session_kill if oldest else timedelta()
    if waits > TOLERANCE:
        hint = "Run manage.py talk_sweep every minute, best with --loop 60."
        hours = int(waits.total_seconds() // 3600)
        text = f"The last sweep was more than {hours} h ago: an expired device waits for that long."
        results.append(warning(text, hint))
    return results
