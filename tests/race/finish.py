"""The end of a race: everybody is gone, a sweeper runs once more, and everything is checked."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from talk_calls.conf import conf
from talk_calls.models import Call, CallLeg, Session
from tests.race import invariants
from tests.race.apps import OVERDUE
from tests.race.clients import Witness
from tests.race.history import History
from tests.race.invariants import Violations
from tests.race.models import CallRecord, EventRecord
from tests.race.play import Race
from tests.race.site import Site


@dataclass(frozen=True)
class Finished:
    """What came of a race."""

    facts: dict[str, Any]
    violations: Violations


def finish(race: Race, histories: Sequence[History]) -> Finished:
    """Wait until nobody is alive any more, sweep, and check."""
    for child in (*race.sweepers, *race.servers):
        child.kill()
    time.sleep(max(conf.session_kill, OVERDUE).total_seconds() + 0.5)
    swept = sweep(race.site)
    violations = invariants.check_in_the_end(race.witness)
    for name, rows in race.violations.items():
        violations[name] = [*rows, *violations[name]]
    violations["every answer is in order"] = race.witness.complaints
    violations["no process dies by itself"] = [
        f"{child.word} {child.argument} died {child.surprises} times"
        for child in (*race.sweepers, *race.servers)
        if child.surprises
    ]
    return Finished(_facts(race, histories, swept), violations)


def violated(site: Site) -> list[str]:
    """Wait until nobody is alive any more, sweep, and return all that is violated."""
    time.sleep(max(conf.session_kill, OVERDUE).total_seconds() + 0.5)
    sweep(site)
    violations = invariants.check_in_the_end(Witness())
    return [f"{name}: {row}" for name, rows in violations.items() for row in rows]


def sweep(site: Site) -> dict[str, int]:
    """Run one pass of the sweeper, and return what it did."""
    command = [sys.executable, "manage.py", "talk_sweep", "--json"]
    done = subprocess.run(command, env=site.environment, stdout=subprocess.PIPE, check=True)
    swept: dict[str, int] = json.loads(done.stdout)
    return swept


def _facts(race: Race, histories: Sequence[History], swept: dict[str, int]) -> dict[str, Any]:
    statuses = race.witness.statuses
    return {
        "histories": len(histories),
        "requests": statuses.total(),
        **{f"  answered {status}": count for status, count in sorted(statuses.items())},
        "servers killed": race.harm.servers_killed,
        "sweepers killed": race.harm.sweepers_killed,
        "connections cut": race.harm.connections_cut,
        "snapshots checked": race.snapshots,
        "joins acknowledged": len(race.witness.joins),
        "pings acknowledged": len(race.witness.pings),
        "left to the last sweep": sum(int(count) for count in swept.values()),
        "calls": Call.objects.count(),
        "legs": CallLeg.objects.count(),
        "sessions left": Session.objects.count(),
        "starts and ends told": CallRecord.objects.count(),
        "other events told": EventRecord.objects.count(),
    }
