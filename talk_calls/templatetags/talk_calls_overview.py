"""What is going on, for the page of this app in the admin.

It is a tag because the page belongs to the admin site, which may be one of a theme or of the host.
The admin is not imported: Django imports all tags, also where no admin is installed.
"""

from dataclasses import dataclass
from datetime import datetime

from django import template
from django.template import Context

from talk_calls.health import expired_rows, timed_out_calls
from talk_calls.health.results import CheckContext, Level, Result
from talk_calls.host import clock
from talk_calls.reports.live import DayTotals, LiveTotals, day_totals, live_totals

register = template.Library()


@dataclass(frozen=True, slots=True)
class Overview:
    """Calls now and of the last day, and what is wrong, as far as the database tells."""

    as_of: datetime
    live: LiveTotals
    day: DayTotals
    warnings: list[Result]


@register.simple_tag(takes_context=True)
def talk_overview(context: Context) -> Overview | None:
    """Return the overview; None for somebody who may not see calls."""
    if not context["user"].has_perm("talk_calls.view_call"):
        return None
    now = clock.now()
    return Overview(now, live_totals(now), day_totals(now), _warnings(now))


def _warnings(now: datetime) -> list[Result]:
    """Return what the quick checks without network find; ``talk_health`` runs all."""
    check = CheckContext(now=now)
    results = [*timed_out_calls.run(check), *expired_rows.behind(check)]
    return [each for each in results if each.level in {Level.WARNING, Level.ERROR}]
