"""Measure calls of thousands: `python -m tests.benchmarks.big`.

People are rows in a call; some of them also wait with a poll, all at one process. Measured are how
long it takes until all of these know that somebody joined or left, the statements for each, and
what a list of everybody takes: time, CPU, and how far the memory of the process grows meanwhile.
"""

import argparse
import asyncio
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

from talk_calls.contrib.simulation.http import Connection
from talk_calls.contrib.simulation.live.measurements import percentile
from tests.benchmarks import cpu, report
from tests.benchmarks.load import encoded, require_success
from tests.benchmarks.measure import LoadGenerator, Site, load_generator
from tests.benchmarks.prepare import call_request
from tests.benchmarks.progress import Progress
from tests.servers import postgres, web

_TOKEN = "large"

#: A conversation of two, whose lists let the process get the memory that it needs anyway.
_SMALL = "small"
_WAITS = ("signaling", "chat")

#: Lists of the small conversation, and those of the large one over which CPU is averaged.
_WARM_UP, _LISTS = 10, 5


@dataclass(frozen=True)
class Told:
    """How long it took until half and all of those who wait knew; CPU and times in milliseconds."""

    half_ms: float
    all_ms: float
    server_ms: float
    database_ms: float


@dataclass(frozen=True)
class List:
    """What a list of everybody takes; ``peak_kib`` is the growth of the server's memory (RSS)."""

    bytes: int
    seconds: float
    cpu_ms: float
    peak_kib: int


@dataclass(frozen=True)
class Big:
    """The figures of one size; joins and leaves in turn."""

    wait: str
    people: int
    polls: int
    joins: list[Told]
    leaves: list[Told]
    statements_of_join: int
    list: List

    @property
    def statements_for_each(self) -> float:
        """SQL statements of a join for each who is told, with those of the next poll."""
        return self.statements_of_join / self.polls


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    sizes = [
        (wait, people, polls)
        for wait, people, polls in product(options.waits, options.people, options.polls)
        if polls <= people
    ]
    progress, seen, before = Progress(len(sizes)), [], report.state()
    for wait, people, polls in sizes:
        progress.show(f"{people:,} people, {polls:,} of whom wait for {wait}")
        with ExitStack() as stack:
            seen.append(_measure(wait, people, polls, options, stack))
        progress.step()
    progress.close()
    conditions = {"before": before, "after": report.state()}
    if options.json:
        results = [{**asdict(e), "statements_for_each": e.statements_for_each} for e in seen]
        print(json.dumps({**conditions, "results": results}, indent=2))
    else:
        print(report.columns([_COLUMNS, *map(_row, seen)]))
        print(*("", *(f"{name}: {value}" for name, value in conditions.items())), sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.big", description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[1000, 10_000])
    parser.add_argument("--polls", type=int, nargs="+", default=[200, 1000])
    parser.add_argument("--waits", nargs="+", choices=_WAITS, default=_WAITS)
    parser.add_argument("--hint", choices=("postgresql", "none"), default="postgresql")
    parser.add_argument("--rounds", type=int, default=5, help="joins and leaves (default: 5)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


def _measure(
    wait: str, people: int, polls: int, options: argparse.Namespace, stack: ExitStack
) -> Big:
    cluster = stack.enter_context(postgres.cluster())
    environment = {
        **web.production_environment("tests.benchmarks.settings", cluster.url),
        "BENCHMARK_WAKEUP": options.hint.removeprefix("none"),
    }
    rows = (f"{_TOKEN}:{people + 1}:{people}", f"{_SMALL}:2:2")
    command = [sys.executable, "-m", "tests.benchmarks.rows", *rows]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    made = json.loads(done.stdout)
    members = made[_TOKEN][: polls + 1]
    cluster.run("VACUUM ANALYZE")
    running = web.running(
        environment=environment, application="tests.benchmarks.polls.site:application"
    )
    site = Site(stack.enter_context(running), cluster)
    listed = _list(site, members[1], warm_up=made[_SMALL][0])
    with load_generator("tests.benchmarks.polls.load") as clients:
        plan = {"url": site.server.url, "wait": wait, "conversations": {_TOKEN: members}}
        clients.run(plan)
        joins, leaves = [], []
        for _ in range(options.rounds):
            joins.append(_told(site, clients, "join"))
            leaves.append(_told(site, clients, "leave"))
        with cluster.counting() as counter:
            clients.run({"join": _TOKEN})
    return Big(wait, people, polls, joins, leaves, counter.statements, listed)


def _told(site: Site, clients: LoadGenerator, command: str) -> Told:
    before = cpu.seconds_of(site.server.pid), cpu.seconds_of(site.cluster.pid)
    answered = sorted(clients.run({command: _TOKEN})["answered"])
    after = cpu.seconds_of(site.server.pid), cpu.seconds_of(site.cluster.pid)
    server, database = (1000 * (end - start) for start, end in zip(before, after, strict=True))
    return Told(percentile(answered, 50), 1000 * answered[-1], server, database)


def _list(site: Site, member: dict[str, str], *, warm_up: dict[str, str]) -> List:
    """Measure the memory of the first long list of the process, and time and CPU of those after."""
    for _ in range(_WARM_UP):
        _send(site, _SMALL, warm_up)
    process = Path(f"/proc/{site.server.pid}")
    (process / "clear_refs").write_text("5")  # the peak starts again at what there is now
    rss = _memory(process, "VmRSS")
    size = _send(site, _TOKEN, member)
    peak = _memory(process, "VmHWM") - rss
    busy, start = cpu.seconds_of(site.server.pid), time.perf_counter()
    for _ in range(_LISTS):
        _send(site, _TOKEN, member)
    seconds, busy = time.perf_counter() - start, cpu.seconds_of(site.server.pid) - busy
    return List(size, seconds / _LISTS, 1000 * busy / _LISTS, peak)


def _send(site: Site, token: str, member: dict[str, str]) -> int:
    """Ask for the list of a call; return the bytes of the body."""
    headers = {**web.PROXY_HEADERS, "Authorization": f"Basic {member['credentials']}"}
    return asyncio.run(_bytes(site.server.url, encoded(call_request("GET", token, headers))))


async def _bytes(url: str, request: bytes) -> int:
    connection = Connection(url)
    response = await connection.send(request)
    connection.close()
    require_success(response)
    return len(response.body)


def _memory(process: Path, name: str) -> int:
    """Return a figure of a process's memory in kibibytes."""
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


_COLUMNS = (
    *("waits for", "people", "polls", "join: half know, ms", "all", "leave: half", "all"),
    *("CPU of join, ms: server", "postgres", "statements for each"),
    *("list: KiB", "ms", "CPU ms", "peak memory, KiB"),
)


def _row(big: Big) -> tuple[str, ...]:
    def middle(told: list[Told], name: str) -> str:
        values: list[Any] = sorted(getattr(each, name) for each in told)
        return f"{values[len(values) // 2]:.0f}"

    return (
        *(big.wait, f"{big.people:,}", f"{big.polls:,}"),
        *(middle(big.joins, name) for name in ("half_ms", "all_ms")),
        *(middle(big.leaves, name) for name in ("half_ms", "all_ms")),
        *(middle(big.joins, name) for name in ("server_ms", "database_ms")),
        f"{big.statements_for_each:.1f}",
        f"{big.list.bytes / 1024:,.0f}",
        f"{1000 * big.list.seconds:.0f}",
        f"{big.list.cpu_ms:.0f}",
        f"{big.list.peak_kib:,}",
    )


if __name__ == "__main__":
    main()
