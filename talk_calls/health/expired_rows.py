"""Checks that the sweeper runs: expired rows are deleted and all events sent."""

from dataclasses import asdict

from talk_calls.health.results import CheckContext, Result, error, ok, warning
from talk_calls.services import sweeper

#: Expired rows beyond which this is a warning: an hour of many guests leaves fewer behind.
MANY = 1000


def run(context: CheckContext) -> list[Result]:
    """Count what the sweeper would do, and events whose process died before it sent them."""
    waiting = asdict(sweeper.preview(now=context.now))
    unsent = waiting.pop("events_told")
    del waiting["names_updated"]  # no rows, and nobody is the worse for one
    total = sum(waiting.values())
    results = []
    if unsent:
        hint = "manage.py talk_sweep sends them; run it every minute, best with --loop 60."
        results.append(error(f"{unsent} events of calls were not sent to the site.", hint))
    if total > MANY:
        hint = "Run manage.py talk_sweep every minute (--loop 60); rows pile up without it."
        results.append(warning(f"{total:,} expired rows wait for the sweeper.", hint))
    return results or [ok(f"{total:,} expired rows wait for the sweeper, and no events.")]
