"""Checking the records after a run: sessions expire, a sweeper runs once more, then invariants."""

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
from tests.race.history import History
from tests.race.invariants import Violations
from tests.race.models import CallRecord, EventRecord
from tests.race.observer import Observer
from tests.race.runner import Race
from tests.race.site import Site


@dataclass(frozen=True)
class Result:
    """Figures of a race by name, and violations."""

    figures: dict[str, Any]
    violations: Violations


def verify(race: Race, histories: Sequence[History]) -> Result:
    """Kill all processes, wait until all sessions are expired, sweep, and check everything."""
    for child in (*race.sweepers, *race.servers):
        child.kill()
    _wait_for_expiry()
    swept = sweep(race.site)
    violations = invariants.check_everything(race.observer)
    for name, rows in race.violations.items():
        violations[name] = [*rows, *violations[name]]
    violations["every_response_is_expected"] = race.observer.errors
    violations["no_process_crashes"] = [
        f"{child.command} {child.argument} crashed {child.crashes} times"
        for child in (*race.sweepers, *race.servers)
        if child.crashes
    ]
    return Result(_figures(race, histories, swept), violations)


def violations_of(site: Site) -> list[str]:
    """Wait until all sessions are expired, sweep, and return all violations but of responses."""
    _wait_for_expiry()
    sweep(site)
    violations = invariants.check_everything(Observer())
    return [f"{name}: {row}" for name, rows in violations.items() for row in rows]


def sweep(site: Site, **environment: str) -> dict[str, int]:
    """Run one pass of the sweeper, and return its counts."""
    command = [sys.executable, "manage.py", "talk_sweep", "--json"]
    done = subprocess.run(
        command, env={**site.environment, **environment}, stdout=subprocess.PIPE, check=True
    )
    swept: dict[str, int] = json.loads(done.stdout)
    return swept


def _wait_for_expiry() -> None:
    time.sleep(max(conf.session_kill, OVERDUE).total_seconds() + 0.5)


def _figures(race: Race, histories: Sequence[History], swept: dict[str, int]) -> dict[str, Any]:
    statuses = race.observer.statuses
    return {
        "histories": len(histories),
        "requests": statuses.total(),
        **{f"  answered {status}": count for status, count in sorted(statuses.items())},
        "servers killed": race.faults.servers_killed,
        "sweepers killed": race.faults.sweepers_killed,
        "connections cut": race.faults.connections_cut,
        "snapshots checked": race.snapshots,
        "joins acknowledged": len(race.observer.joins),
        "pings acknowledged": len(race.observer.pings),
        "done by the last sweep": sum(int(count) for count in swept.values()),
        "calls": Call.objects.count(),
        "legs": CallLeg.objects.count(),
        "sessions left": Session.objects.count(),
        "call_started and call_ended sent": CallRecord.objects.count(),
        "other events sent": EventRecord.objects.count(),
    }
