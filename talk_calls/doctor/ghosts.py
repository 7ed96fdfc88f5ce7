"""Are there open calls that everybody vanished from?"""

from datetime import timedelta

from django.db.models import Exists, Max, OuterRef, Subquery

from talk_calls.conf import conf
from talk_calls.doctor.findings import Finding, Visit, warning, well
from talk_calls.models import Call, Session

#: How long after its end a call may lie open before that says that nobody sweeps.
BOUND = timedelta(minutes=10)


def examine(visit: Visit) -> list[Finding]:
    """Count open calls without a live session, and how long ago the last one vanished.

    Nobody sees such calls, only history has them open still; so they are never an error.
    """
    here = Session.objects.filter(conversation=OuterRef("conversation"))
    last = here.in_call().values("conversation").annotate(last=Max("last_ping")).values("last")
    ghosts = Call.objects.filter(~Exists(here.live_in_call(visit.now)), ended_at=None).annotate(
        last_ping=Subquery(last)
    )
    ends = [
        call.last_ping + conf.session_timeout if call.last_ping else call.started_at
        for call in ghosts
    ]
    if not ends:
        return [well("No open call is without people.")]
    oldest = visit.now - min(ends)
    minutes = int(oldest.total_seconds() // 60)
    says = f"{len(ends)} open calls are without people, the oldest for {minutes} minutes."
    if oldest <= BOUND:
        return [well(f"{says} They end when anybody looks or the sweeper comes.")]
    hint = "Run manage.py talk_sweep every minute (--loop 60). Clients see no such call."
    return [warning(says, hint)]
