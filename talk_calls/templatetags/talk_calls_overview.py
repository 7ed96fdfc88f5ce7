"""What is going on, for the page of this app in the admin.

It is a tag because the page belongs to the admin site, which may be one of a theme or of the host.
The admin is not imported: Django imports all tags, also where no admin is installed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django import template
from django.template import Context

from talk_calls.health import expired_rows, timed_out_calls
from talk_calls.host import clock
from talk_calls.reports import webhooks
from talk_calls.reports.live import DayTotals, LiveTotals, day_totals, live_totals
from talk_calls.reports.webhooks import Backlog

register = template.Library()


@dataclass(frozen=True, slots=True)
class Overview:
    """Calls now and of the last day, and what the sweeper should have done long ago.

    ``left_open`` are calls without people that are still open, the oldest for ``open_minutes``;
    ``unsent`` are events of which the site was not told; ``unswept_hours`` is for how long the
    oldest expired device waits. They are 0 if there is nothing to warn of. ``webhooks`` is what
    endpoints have not got, for somebody who may see those; None for others.
    """

    as_of: datetime
    live: LiveTotals
    day: DayTotals
    left_open: int
    open_minutes: int
    unsent: int
    unswept_hours: int
    webhooks: Backlog | None

    @property
    def is_swept(self) -> bool:
        """Tell whether there is nothing to warn of."""
        return not (self.left_open or self.unsent or self.unswept_hours)


@register.simple_tag(takes_context=True)
def talk_overview(context: Context) -> Overview | None:
    """Return the overview; None for somebody who may not see calls."""
    user = context["user"]
    if not user.has_perm("talk_calls.view_call"):
        return None
    may_see_webhooks = user.has_perm("talk_calls.view_webhookendpoint")
    now = clock.now()
    left_open, oldest = timed_out_calls.without_people(now)
    waits = expired_rows.longest_wait(now)
    return Overview(
        as_of=now,
        live=live_totals(now),
        day=day_totals(now),
        left_open=left_open if oldest > timed_out_calls.TOLERANCE else 0,
        open_minutes=int(oldest.total_seconds() // 60),
        unsent=expired_rows.unsent_events(now),
        unswept_hours=int(waits / timedelta(hours=1)) if waits > expired_rows.TOLERANCE else 0,
        webhooks=webhooks.backlog(now) if may_see_webhooks else None,
    )
