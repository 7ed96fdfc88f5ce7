"""Checks that no open call stays without people for long."""

from datetime import datetime, timedelta

from django.db.models import Exists, Max, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.health.results import CheckContext, Result, ok, warning
from talk_calls.models import Call, Session

#: For how long a call may stay open after its last session timed out before this is a warning.
TOLERANCE = timedelta(minutes=10)


def run(context: CheckContext) -> list[Result]:
    """Count open calls whose sessions have all timed out, and for how long the oldest is one.

    Clients do not see such a call, and operators see its end. So this is never an error.
    """
    calls, oldest = without_people(context.now)
    if not calls:
        return [ok(_("No open call is without people."))]
    minutes = int(oldest.total_seconds() // 60)
    message = _("{calls} open calls are without people, the oldest for {minutes} minutes.").format(
        calls=calls, minutes=minutes
    )
    if oldest <= TOLERANCE:
        return [
            ok(_("{message} The next request or talk_sweep ends them.").format(message=message))
        ]
    hint = _("Run manage.py talk_sweep every minute (--loop 60). Clients see no such call.")
    return [warning(message, hint)]


def without_people(now: datetime) -> tuple[int, timedelta]:
    """Return how many open calls are without people, and for how long the oldest; one query."""
    sessions = Session.objects.filter(conversation=OuterRef("conversation"))
    last = sessions.in_call().values("conversation").annotate(last=Max("last_ping")).values("last")
    timed_out = Call.objects.filter(~Exists(sessions.live_in_call(now)), ended_at=None).annotate(
        last_ping=Subquery(last)
    )
    ends = [
        call.last_ping + conf.session_timeout if call.last_ping else call.started_at
        for call in timed_out
    ]
    return len(ends), now - min(ends, default=now)
