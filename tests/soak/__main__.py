"""Put mixed traffic on a production site for ten minutes, then aborted polls and small requests.

The site is the one that docs/deployment.md recommends: uvicorn with two workers, PostgreSQL, Redis
for the hints between the workers, and a sweeper. Told are memory, open files, threads and
connections to the database before and after, and how much memory grew per 1,000 requests. Exits
with 1 if any request is an error of the server, or if something grew beyond its bound.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from tests.attacks.harness import site as attacked
from tests.attacks.harness.site import Site
from tests.attacks.harness.state import State
from tests.benchmarks import report
from tests.benchmarks.measure import LoadGenerator, load_generator
from tests.benchmarks.progress import Progress
from tests.servers.ending import surely_ending
from tests.soak.slope import Sample, slope

#: Group conversations of five members each.
_GROUPS = 8

#: Small requests for each second of warming up, many at a time: then all threads of the server run.
_WARM_UP = 100

#: Most KiB that memory may grow per 1,000 requests, and in all beyond that: threads and connections
#: that are needed late take some.
_MOST_GROWTH, _LATE = 20.0, 8 * 1024

#: Most threads and files beyond those before: those of a worker that was not needed until then.
_MOST_THREADS, _MOST_FILES = 16, 40

#: Tables whose rows are counted, as they grow with traffic.
_TABLES = ("talk_calls_session", "talk_calls_attendee", "talk_calls_signalingmessage")


@dataclass(frozen=True)
class Phase:
    """What a phase did to the server.

    ``memory`` has the requests so far and KiB of RSS every few seconds, ``slope`` what follows.
    """

    name: str
    seconds: float
    before: State
    after: State
    memory: list[tuple[int, int]]
    slope: float | None
    rows: dict[str, int]
    outcome: dict[str, Any]

    @property
    def wrong(self) -> list[str]:
        """Return what must not be."""
        found = list(self.outcome["failures"])
        thousands = self.outcome["requests"] / 1000
        if self.slope is not None and self.slope * thousands > _MOST_GROWTH * thousands + _LATE:
            found.append(f"memory grew by {self.slope:.1f} KiB per 1,000 requests")
        if self.after.files > self.before.files + _MOST_FILES:
            found.append(f"{self.after.files - self.before.files} more files are open")
        if self.after.threads > self.before.threads + _MOST_THREADS:
            found.append(f"{self.after.threads - self.before.threads} more threads run")
        return [f"{self.name}: {each}" for each in found]


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        phases, conditions = _run(options)
    except KeyboardInterrupt:
        print("\nStopped; everything made for it is deleted.", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    print(_as_json(phases, conditions) if options.json else _page(phases, conditions))
    sys.exit(1 if any(phase.wrong for phase in phases) else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600, help="of mixed traffic (600)")
    parser.add_argument("--rate", type=float, default=50, help="requests a second of it (50)")
    parser.add_argument("--aborted", type=int, default=2000, help="polls (2000)")
    parser.add_argument("--small", type=int, default=200_000, help="small requests (200000)")
    parser.add_argument("--warm-up", type=float, default=20, help="seconds before it all (20)")
    parser.add_argument("--rest", type=float, default=10, help="seconds after each part (10)")
    parser.add_argument("--workers", type=int, default=2, help="of the server (2)")
    parser.add_argument("--broker", choices=("redis", "postgresql"), default="redis")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> tuple[list[Phase], dict[str, Any]]:
    progress = Progress(5)
    progress.show("starting the site")
    before = report.state()
    with (
        attacked.running(workers=options.workers, groups=_GROUPS, broker=options.broker) as site,
        _sweeper(site),
        load_generator("tests.soak.traffic") as traffic,
    ):
        groups = [
            (group.token, [(user.username, user.password) for user in group.members])
            for group in site.groups
        ]
        traffic.run({"url": site.url, "public": site.public, "groups": groups})
        progress.step()
        progress.show("warming up")
        _put(traffic, {"small": {"requests": int(_WARM_UP * options.warm_up)}})
        _put(traffic, {"mixed": {"seconds": options.warm_up, "rate": options.rate}})
        progress.step()
        commands: dict[str, dict[str, Any]] = {
            "mixed traffic": {"mixed": {"seconds": options.seconds, "rate": options.rate}},
            "aborted polls": {"aborted": {"polls": options.aborted}},
            "small requests": {"small": {"requests": options.small}},
        }
        phases = []
        for name, command in commands.items():
            progress.show(name)
            phases.append(_phase(name, command, traffic, site, rest=options.rest))
            progress.step()
        progress.close()
        version = site.cluster.run("SHOW server_version")
    conditions = {
        **report.facts(version, "uvicorn"),
        "workers": options.workers,
        "broker": options.broker,
        "before": before,
        "after": report.state(),
    }
    return phases, conditions


def _phase(
    name: str, command: dict[str, Any], traffic: LoadGenerator, site: Site, *, rest: float
) -> Phase:
    """Run a phase, and look at the server each time that the traffic tells its progress."""
    before, start = site.state, time.monotonic()
    samples: list[Sample] = []
    outcome = _put(traffic, command, lambda sent: samples.append((sent, site.state)))
    seconds = time.monotonic() - start
    time.sleep(rest)
    rows = {table: site.cluster.run(f"SELECT count(*) FROM {table}") for table in _TABLES}  # noqa: S608 -- constants
    memory = [(sent, state.rss) for sent, state in samples]
    return Phase(name, seconds, before, site.state, memory, slope(samples), rows, outcome)


def _put(
    traffic: LoadGenerator,
    command: dict[str, Any],
    watch: Callable[[int], None] = lambda _sent: None,
) -> dict[str, Any]:
    """Put traffic on the site, and return what came of it; ``watch`` learns how many are sent."""
    traffic.send(command)
    while "outcome" not in (told := traffic.receive()):
        watch(told["requests"])
    outcome: dict[str, Any] = told["outcome"]
    return outcome


@contextmanager
def _sweeper(site: Site) -> Iterator[None]:
    command = [sys.executable, "manage.py", "talk_sweep", "--loop", "10"]
    process = subprocess.Popen(
        command, env=site.environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    with surely_ending(process):
        try:
            yield
        finally:
            process.terminate()


def _as_json(phases: list[Phase], conditions: dict[str, Any]) -> str:
    told = [{**asdict(phase), "wrong": phase.wrong} for phase in phases]
    return json.dumps({**conditions, "phases": told}, indent=2)


def _page(phases: list[Phase], conditions: dict[str, Any]) -> str:
    rows = [("", *(phase.name for phase in phases))]
    rows += [(title, *map(figure, phases)) for title, figure in _ROWS.items()]
    width = max(len(row[0]) for row in rows)
    lines = [
        "  ".join([row[0].ljust(width), *(cell.rjust(16) for cell in row[1:])]) for row in rows
    ]
    lines += ["", *_action_lines(phases)]
    lines += ["", *(f"{name}: {value}" for name, value in conditions.items())]
    lines += [f"WRONG  {each}" for phase in phases for each in phase.wrong]
    return "\n".join(lines)


def _action_lines(phases: list[Phase]) -> Iterator[str]:
    for phase in phases:
        for action, seen in phase.outcome["actions"].items():
            statuses = ", ".join(f"{count:,} × {each}" for each, count in seen["statuses"].items())
            times = f"p50 {seen['p50_ms']:.0f} ms, p99 {seen['p99_ms']:.0f} ms"
            yield f"{phase.name:<15} {action:<13} {times:<26} {statuses}"


def _change(name: str) -> Any:
    return lambda p: f"{getattr(p.before, name):,} → {getattr(p.after, name):,}"


#: Title of each row, and its figure.
_ROWS: dict[str, Any] = {
    "requests": lambda p: f"{p.outcome['requests']:,}",
    "seconds": lambda p: f"{p.seconds:.0f}",
    "CPU of the server, ms for each": lambda p: (
        f"{1000 * (p.after.cpu - p.before.cpu) / max(1, p.outcome['requests']):.2f}"
    ),
    "RSS of all processes, MiB": lambda p: f"{p.before.rss / 1024:.1f} → {p.after.rss / 1024:.1f}",
    "growth, KiB per 1,000 requests": lambda p: "–" if p.slope is None else f"{p.slope:.1f}",
    "open files": _change("files"),
    "threads": _change("threads"),
    "connections to the database": _change("connections"),
    **{f"rows of {table} after": lambda p, table=table: f"{p.rows[table]:,}" for table in _TABLES},
}

if __name__ == "__main__":
    main()
