"""Does anybody sweep, and are all events told?"""

from dataclasses import asdict

from talk_calls.doctor.findings import Finding, Visit, error, warning, well
from talk_calls.services import sweeper

#: Rows that may wait: a site that sweeps once a minute, or has just had an hour of many guests.
MANY = 1000


def examine(visit: Visit) -> list[Finding]:
    """Count what the sweeper would do, and the events whose process died before it told them."""
    waiting = asdict(sweeper.preview(now=visit.now))
    untold = waiting.pop("events_told")
    total = sum(waiting.values())
    findings = []
    if untold:
        hint = "manage.py talk_sweep tells them; run it every minute, best with --loop 60."
        findings.append(error(f"{untold} events of calls were not told to the site.", hint))
    if total > MANY:
        hint = "Run manage.py talk_sweep every minute (--loop 60); rows pile up without it."
        findings.append(warning(f"{total:,} dead rows wait for the sweeper.", hint))
    return findings or [well(f"{total:,} dead rows wait for the sweeper, and no events.")]
