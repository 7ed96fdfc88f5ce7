"""Measure what requests cost."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, cast

from tests.benchmarks import cpu
from tests.benchmarks.cases import Cost, Request
from tests.benchmarks.postgres import Cluster
from tests.benchmarks.server import HOST, Server

_ROUNDS_COUNTED = 10


@dataclass(frozen=True)
class Site:
    """What is measured: a web server and its database."""

    server: Server
    cluster: Cluster


@dataclass(frozen=True)
class Clocks:
    """Seconds of CPU that were spent up to a moment, by whom; ``wall`` is the moment."""

    server: float
    database: float
    machine: float
    wall: float


@dataclass(frozen=True)
class Load:
    """The load generator: a process of its own that is told and answers in lines of JSON."""

    stdin: IO[str]
    stdout: IO[str]

    def say(self, thing: Any) -> None:
        """Send something."""
        self.stdin.write(json.dumps(thing) + "\n")
        self.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Wait for what it has to report."""
        line = self.stdout.readline()
        if not line:
            sys.exit("The load generator failed; the lines above say why.")
        report: dict[str, Any] = json.loads(line)
        return report


def statements(site: Site, requests: list[Request]) -> float:
    """Return the SQL statements per request, transaction control included."""
    for _ in range(_ROUNDS_COUNTED):
        site.server.ask(requests)  # whichever worker answers: none is new to this afterwards
    with site.cluster.counting() as counter:
        site.server.ask(requests * _ROUNDS_COUNTED)
    return counter.statements / (len(requests) * _ROUNDS_COUNTED)


def cost(clients: list[list[Request]], site: Site, *, seconds: float, warm_up: float) -> Cost:
    """Put load on the site, a connection for each client, and return what it took."""
    plan = {"host": HOST, "port": site.server.port, "clients": clients}
    with load("tests.benchmarks.load") as generator:
        generator.say({**plan, "seconds": seconds, "warm_up": warm_up})
        generator.hear()
        before = _clocks(site)
        generator.say("go")
        seen = generator.hear()
        after = _clocks(site)
    requests = seen["requests"]
    server, database = after.server - before.server, after.database - before.database
    others = after.machine - before.machine - server - database - seen["cpu"]
    return Cost(
        requests=requests,
        rate=requests / seen["seconds"],
        server_ms=1000 * server / requests,
        database_ms=1000 * database / requests,
        p50_ms=seen["p50_ms"],
        p99_ms=seen["p99_ms"],
        others=max(0.0, others) / (after.wall - before.wall) / (os.cpu_count() or 1),
    )


def _clocks(site: Site) -> Clocks:
    return Clocks(
        server=cpu.seconds_of(site.server.pid),
        database=cpu.seconds_of(site.cluster.pid),
        machine=cpu.machine_seconds(),
        wall=time.monotonic(),
    )


@contextmanager
def load(module: str) -> Iterator[Load]:
    """Start a load generator, and stop it in the end."""
    # A session of its own: Ctrl-C is for the measurement, which then stops the load.
    with subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Load(cast(IO[str], process.stdin), cast(IO[str], process.stdout))
        finally:
            process.kill()
