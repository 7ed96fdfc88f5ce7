"""What the processes of a server use, from /proc, and its connections to the database."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import cpu
from tests.servers.postgres import Cluster

#: The name that PostgreSQL knows the site's connections by.
APPLICATION_NAME = "attacked site"

_CONNECTIONS = (
    f"SELECT count(*) FROM pg_stat_activity WHERE application_name = '{APPLICATION_NAME}'"  # noqa: S608 -- a constant
)


@dataclass(frozen=True)
class State:
    """A server with all its workers.

    ``cpu`` and ``database_cpu`` are seconds since the start, ``rss`` is in kibibytes; ``files`` are
    open file descriptors.
    """

    cpu: float
    database_cpu: float
    rss: int
    files: int
    threads: int
    connections: int


def state_of(root: int, cluster: Cluster) -> State:
    """Return what a process and all below it use now."""
    processes = cpu.processes_of(root)
    return State(
        cpu=cpu.seconds_of(root),
        database_cpu=cpu.seconds_of(cluster.pid),
        rss=sum(_status(pid, "VmRSS") for pid in processes),
        files=sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in processes),
        threads=sum(_status(pid, "Threads") for pid in processes),
        connections=cluster.run(_CONNECTIONS),
    )


def _status(pid: int, name: str) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    facts = dict(line.split(":", 1) for line in lines)
    return int(facts[name].split()[0])
