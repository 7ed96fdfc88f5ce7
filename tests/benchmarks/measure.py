"""Measuring what requests cost."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, cast

from talk_calls.contrib.simulation.http import Connection
from tests.benchmarks import cpu
from tests.benchmarks.cases import Cost, Request
from tests.benchmarks.load import encoded, require_success
from tests.servers.postgres import Cluster
from tests.servers.web import WebServer

_COUNTED_REPETITIONS = 10


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


def cost(clients: list[list[Request]], site: Site, *, seconds: float, warm_up: float) -> Cost:
    """Put load on the site, one connection for each client, and return what it cost."""
    plan = {"url": site.server.url, "clients": clients, "seconds": seconds, "warm_up": warm_up}
    with load_generator("tests.benchmarks.load") as generator:
        generator.run(plan)
        before = _cpu_times(site)
        figures = generator.run("go")
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
