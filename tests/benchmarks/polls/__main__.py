"""Measure many waiting polls on one process of the demo site on PostgreSQL.

All clients wait in conversations of ten, except those of one large conversation, for signaling or
for the chat. Measured are what a waiting poll costs, how long it takes from the start of the
request that sends a message, or that starts a call, to the end of the response to the poll, and how
long it takes until all clients of the large conversation learn that somebody joined.
"""

import argparse
import json
import resource
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

from talk_calls.contrib.simulation.live.measurements import percentile
from tests.benchmarks import cpu, report
from tests.benchmarks.measure import Site, load_generator
from tests.benchmarks.progress import Progress
from tests.servers import postgres, redis, web

#: Members of each conversation but the large one.
_MEMBERS = 10

_LARGE = "large"
_WARM_UP, _WARM_UP_NEWS = "warm", 100

#: The name that PostgreSQL knows the site's connections by.
_APPLICATION_NAME = "benchmark polls"

#: Seconds without events, while statements are counted.
_IDLE = 5.0

_HINTS = ("postgresql", "redis", "none")

#: What clients wait for, and the command that gives them news.
_WAITS = {"signaling": "messages", "chat": "calls"}


@dataclass(frozen=True)
class State:
    """Memory of a process in kibibytes, its threads, and its connections to the database."""

    rss: int
    pss: int
    threads: int
    connections: int


@dataclass(frozen=True)
class Waiting:
    """Figures of one kind of poll with one kind of hint.

    Memory is in kibibytes, times are in milliseconds. News are a message for those who wait
    for signaling, and a call for those who wait for the chat.
    """

    wait: str
    hint: str
    polls: int
    before: State
    after: State
    statements_per_second: float
    idle_cpu: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    sent_p50_ms: float
    sent_p99_ms: float
    joined_ms: float
    joined_half_ms: float
    joined_statements: int
    joined_server_ms: float
    joined_database_ms: float

    @property
    def kib(self) -> float:
        """Memory of a waiting poll in kibibytes."""
        return (self.after.pss - self.before.pss) / self.polls


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    progress = Progress(4 * len(options.hints) * len(options.waits))
    before = report.state()
    seen = []
    for wait, hint in product(options.waits, options.hints):
        with ExitStack() as stack:
            seen.append(_measure(wait, hint, options, progress, stack))
    progress.close()
    conditions = {**report.facts(_postgres_version(), "uvicorn"), "before": before}
    conditions["after"] = report.state()
    if options.json:
        results = [{**asdict(each), "kib_per_poll": each.kib} for each in seen]
        print(json.dumps({**conditions, "results": results}, indent=2))
    else:
        print(_table(seen))
        print(*("", *(f"{name}: {value}" for name, value in conditions.items())), sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.polls", description=__doc__)
    parser.add_argument("--polls", type=int, default=2000, help="that wait (default: 2000)")
    parser.add_argument("--people", type=int, default=200, help="in the large conversation")
    parser.add_argument(
        "--messages", type=int, default=500, help="or calls, one by one (default: 500)"
    )
    parser.add_argument("--waits", nargs="+", choices=_WAITS, default=[*_WAITS])
    parser.add_argument("--hints", nargs="+", choices=_HINTS, default=_HINTS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


def _measure(
    wait: str, hint: str, options: argparse.Namespace, progress: Progress, stack: ExitStack
) -> Waiting:
    def show(what: str) -> None:
        progress.show(f"{wait}, {hint}: {what}")

    show("making conversations")
    cluster = stack.enter_context(postgres.cluster())
    url = stack.enter_context(redis.running()).url if hint == "redis" else hint.removeprefix("none")
    environment = {
        **web.production_environment("tests.benchmarks.settings", cluster.url),
        "BENCHMARK_WAKEUP": url,
    }
    conversations = _seed(environment, polls=options.polls, people=options.people)
    cluster.run("VACUUM ANALYZE")
    running = web.running(
        environment={**environment, "PGAPPNAME": _APPLICATION_NAME},
        application="tests.benchmarks.polls.site:application",
    )
    site = Site(stack.enter_context(running), cluster)
    progress.step()

    show("all clients begin to wait")
    _warm_up(site, wait, conversations.pop(_WARM_UP))
    before = _state(site)
    clients = stack.enter_context(load_generator("tests.benchmarks.polls.load"))
    polls = clients.run(_plan(site, wait, conversations))["waiting"]
    after = _state(site)
    busy = cpu.seconds_of(site.server.pid)
    with cluster.counting() as idle:
        time.sleep(_IDLE)
    busy = cpu.seconds_of(site.server.pid) - busy
    progress.step()

    show(_WAITS[wait])
    news = clients.run({_WAITS[wait]: options.messages})
    latencies, sends = sorted(news["latencies"]), sorted(news["sends"])
    progress.step()

    show("somebody joins the large conversation")
    spent = cpu.seconds_of(site.server.pid), cpu.seconds_of(cluster.pid)
    joined = sorted(clients.run({"join": _LARGE})["answered"])
    served, stored = cpu.seconds_of(site.server.pid), cpu.seconds_of(cluster.pid)
    with cluster.counting() as join:
        clients.run({"leave": _LARGE})
    progress.step()
    return Waiting(
        wait=wait,
        hint=hint,
        polls=polls,
        before=before,
        after=after,
        statements_per_second=idle.statements / _IDLE,
        idle_cpu=busy / _IDLE,
        p50_ms=percentile(latencies, 50),
        p99_ms=percentile(latencies, 99),
        max_ms=1000 * latencies[-1],
        sent_p50_ms=percentile(sends, 50),
        sent_p99_ms=percentile(sends, 99),
        joined_ms=1000 * joined[-1],
        joined_half_ms=percentile(joined, 50),
        joined_statements=join.statements,
        joined_server_ms=1000 * (served - spent[0]),
        joined_database_ms=1000 * (stored - spent[1]),
    )


def _seed(environment: dict[str, str], *, polls: int, people: int) -> dict[str, Any]:
    """Make conversations; the first member of each does not poll but acts."""
    small = (polls - people) // (_MEMBERS - 1)
    members = {f"room{number:05}": _MEMBERS for number in range(small)}
    members |= {_LARGE: people + 1, _WARM_UP: 2}
    arguments = [f"{token}:{count}" for token, count in members.items()]
    command = [sys.executable, "-m", "tests.benchmarks.rows", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    made: dict[str, Any] = json.loads(done.stdout)
    return made


def _plan(site: Site, wait: str, conversations: dict[str, Any]) -> dict[str, Any]:
    """Return what the clients are to do."""
    return {"url": site.server.url, "wait": wait, "conversations": conversations}


def _warm_up(site: Site, wait: str, members: list[dict[str, str]]) -> None:
    """Let all threads of the server answer, so that their memory is in the first figure."""
    with load_generator("tests.benchmarks.polls.load") as clients:
        clients.run(_plan(site, wait, {_WARM_UP: members}))
        clients.run({_WAITS[wait]: _WARM_UP_NEWS})


def _state(site: Site) -> State:
    process = Path(f"/proc/{site.server.pid}")
    lines = (process / "status").read_text() + (process / "smaps_rollup").read_text()
    facts = dict(line.split(":", 1) for line in lines.splitlines()[:-1] if ":" in line)
    numbers = {name: int(facts[name].split()[0]) for name in ("Rss", "Pss", "Threads")}
    connections = site.cluster.run(
        f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{_APPLICATION_NAME}'"  # noqa: S608 -- a constant
    )
    return State(numbers["Rss"], numbers["Pss"], numbers["Threads"], connections)


def _postgres_version() -> str:
    with postgres.cluster() as cluster:
        return str(cluster.run("SHOW server_version"))


def _table(seen: list[Waiting]) -> str:
    rows = {"waits for": [each.wait for each in seen], "hint": [each.hint for each in seen]}
    for title, figure in _ROWS.items():
        rows[title] = [figure(each) for each in seen]
    width = max(map(len, rows))
    return "\n".join(
        "  ".join([title.ljust(width), *(figure.rjust(12) for figure in figures)])
        for title, figures in rows.items()
    )


#: Title of each row, and its figure.
_ROWS: dict[str, Any] = {
    "polls that wait on one process": lambda w: str(w.polls),
    "KiB for each (PSS)": lambda w: f"{w.kib:.1f}",
    "KiB for each (RSS)": lambda w: f"{(w.after.rss - w.before.rss) / w.polls:.1f}",
    "polls in a GiB": lambda w: f"{2**20 / w.kib:,.0f}",
    "RSS of the process, MiB": lambda w: f"{w.before.rss / 1024:.0f} → {w.after.rss / 1024:.0f}",
    "threads": lambda w: f"{w.before.threads} → {w.after.threads}",
    "database connections": lambda w: f"{w.before.connections} → {w.after.connections}",
    "statements/s while nothing happens": lambda w: f"{w.statements_per_second:.1f}",
    "CPU while nothing happens": lambda w: f"{w.idle_cpu:.1%}",
    "message or call, p50 ms": lambda w: f"{w.p50_ms:.1f}",
    "message or call, p99 ms": lambda w: f"{w.p99_ms:.1f}",
    "message or call, longest ms": lambda w: f"{w.max_ms:.1f}",
    "its request alone, p50 ms": lambda w: f"{w.sent_p50_ms:.1f}",
    "its request alone, p99 ms": lambda w: f"{w.sent_p99_ms:.1f}",
    "somebody joins: half know, ms": lambda w: f"{w.joined_half_ms:.0f}",
    "somebody joins: all know, ms": lambda w: f"{w.joined_ms:.0f}",
    "somebody joins: statements": lambda w: str(w.joined_statements),
    "somebody joins: CPU ms of the server": lambda w: f"{w.joined_server_ms:.0f}",
    "somebody joins: CPU ms of PostgreSQL": lambda w: f"{w.joined_database_ms:.0f}",
}

if __name__ == "__main__":
    main()
