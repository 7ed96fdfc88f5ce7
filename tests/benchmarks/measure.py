"""Measuring what requests cost."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import IO, Any, cast

from talk_calls.contrib.simulation.http import Connection
from tests.benchmarks import cpu
from tests.benchmarks.cases import Cost, Request
from tests.benchmarks.load import encoded, require_success
from tests.servers.postgres import Cluster
from tests.servers.web import PROXY_HEADERS, WebServer

_COUNTED_REPETITIONS = 10

#: Requests of one client, which it repeats.
Client = list[Request]

#: What is asked of the empty view.
_EMPTY: Request = {"method": "GET", "path": "/", "headers": PROXY_HEADERS, "body": ""}

#: How often the fixed piece of Python runs in a round.
_PYTHON_REPETITIONS = 15


@dataclass(frozen=True)
class Site:
    """The web server and the database that are measured."""

    server: WebServer
    cluster: Cluster


@dataclass(frozen=True)
class CpuTimes:
    """Seconds of CPU that server, database and machine used until ``wall`` (monotonic seconds)."""

    server: float
    database: float
    machine: float
    wall: float


@dataclass(frozen=True)
class LoadGenerator:
    """A process that takes commands, and reports in lines of JSON."""

    stdin: IO[str]
    stdout: IO[str]

    def send(self, command: Any) -> None:
        """Send a command."""
        self.stdin.write(json.dumps(command) + "\n")
        self.stdin.flush()

    def receive(self) -> dict[str, Any]:
        """Wait for a report; exit if the process ended."""
        line = self.stdout.readline()
        if not line:
            sys.exit("The load generator failed; the lines above say why.")
        report: dict[str, Any] = json.loads(line)
        return report

    def run(self, command: Any) -> dict[str, Any]:
        """Send a command, and wait for its report."""
        self.send(command)
        return self.receive()


def statements(site: Site, requests: list[Request]) -> float:
    """Return the SQL statements per request, transaction control included."""
    for _ in range(_COUNTED_REPETITIONS):
        _send(site, requests)  # on new connections, so that every worker has answered some before
    with site.cluster.counting() as counter:
        _send(site, requests * _COUNTED_REPETITIONS)
    return counter.statements / (len(requests) * _COUNTED_REPETITIONS)


@dataclass(frozen=True)
class Duration:
    """Seconds of load in a round, those before the first round, and how many rounds."""

    seconds: float
    warm_up: float
    rounds: int


def measure_in_turn(
    sites: Sequence[tuple[Site, list[Client]]], yardstick: WebServer, duration: Duration
) -> list[list[Cost]]:
    """Put load on sites and on the yardstick in turn; return the costs of each site by round.

    There is one connection for each client. Every other round goes the other way round, so that a
    machine that becomes slower or faster is no advantage of any site.
    """
    costs: list[list[Cost]] = [[] for _ in sites]
    with ExitStack() as stack:
        empty = [[_EMPTY] for _ in sites[0][1]]
        yard = stack.enter_context(_load(yardstick, empty))
        loads = [stack.enter_context(_load(site.server, clients)) for site, clients in sites]
        for each in (yard, *loads):
            each.run(duration.warm_up)
        for number in range(duration.rounds):
            empty_ms = _empty_ms(yardstick, yard, duration.seconds)
            python_ms = median(cpu.fixed_work() for _ in range(_PYTHON_REPETITIONS))
            order = range(len(sites))[:: -1 if number % 2 else 1]
            for index in order:
                cost = _cost(sites[index][0], loads[index], duration.seconds)
                costs[index].append(cost.beside(empty_ms=empty_ms, python_ms=python_ms))
    return costs


@contextmanager
def _load(server: WebServer, clients: Sequence[Client]) -> Iterator[LoadGenerator]:
    with load_generator("tests.benchmarks.load") as generator:
        generator.send({"url": server.url, "clients": clients})
        yield generator


def _empty_ms(yardstick: WebServer, generator: LoadGenerator, seconds: float) -> float:
    before = cpu.seconds_of(yardstick.pid)
    requests = generator.run(seconds)["requests"]
    return 1000 * (cpu.seconds_of(yardstick.pid) - before) / float(requests)


def _cost(site: Site, generator: LoadGenerator, seconds: float) -> Cost:
    before = _cpu_times(site)
    figures = generator.run(seconds)
    after = _cpu_times(site)
    requests = figures["requests"]
    server, database = after.server - before.server, after.database - before.database
    others = after.machine - before.machine - server - database - figures["cpu"]
    return Cost(
        requests=requests,
        rate=requests / figures["seconds"],
        server_ms=1000 * server / requests,
        database_ms=1000 * database / requests,
        p50_ms=figures["p50_ms"],
        p99_ms=figures["p99_ms"],
        others=max(0.0, others) / (after.wall - before.wall) / (os.cpu_count() or 1),
    )


@contextmanager
def load_generator(module: str) -> Iterator[LoadGenerator]:
    """Start a load generator, and kill it in the end."""
    # A session of its own: Ctrl-C is for the measurement, which then stops the load.
    with subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield LoadGenerator(cast(IO[str], process.stdin), cast(IO[str], process.stdout))
        finally:
            process.kill()


def _send(site: Site, requests: Sequence[Request]) -> None:
    asyncio.run(_send_all(site.server.url, [encoded(request) for request in requests]))


async def _send_all(url: str, requests: Sequence[bytes]) -> None:
    connection = Connection(url)
    for request in requests:
        require_success(await connection.send(request))
    connection.close()


def _cpu_times(site: Site) -> CpuTimes:
    return CpuTimes(
        server=cpu.seconds_of(site.server.pid),
        database=cpu.seconds_of(site.cluster.pid),
        machine=cpu.machine_seconds(),
        wall=time.monotonic(),
    )
