"""PostgreSQL, the demo site and an HPB, and what they have used."""

import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import cpu
from tests.servers import hpb, postgres, web
from tests.servers.hpb import HPB, Site
from tests.servers.ports import HOST, free_port
from tests.servers.postgres import Cluster
from tests.servers.web import WebServer

#: Processes of the site.
WORKERS = 2

_UNTOLD = "SELECT count(*) FROM talk_calls_hpbconversation WHERE changes > told"
_NAIVELY_UNTOLD = """
    SELECT count(*) FROM talk_calls_hpbsession told JOIN talk_calls_session here
    ON here.id = told.session WHERE here.in_call IS DISTINCT FROM told.in_call
"""

_APPLICATION = "tests.benchmarks.signaling.site:application"
_SETTINGS = "tests.benchmarks.signaling.settings"


@dataclass(frozen=True)
class Usage:
    """What was used so far: seconds of CPU, statements, and pings stored, of these ``hot``.

    Hot is an update that changes no index and needs no vacuum. ``wal`` is how many bytes PostgreSQL
    wrote to its log of changes, ``transactions`` how many it committed.
    """

    django: float
    postgresql: float
    hpb: float
    statements: int
    pings: int
    hot: int
    wal: int
    transactions: int

    def __sub__(self, other: "Usage") -> "Usage":
        """Return what was used between two moments."""
        return Usage(*(here - there for here, there in zip(self._all(), other._all(), strict=True)))

    def _all(self) -> tuple[Any, ...]:
        return tuple(vars(self).values())


@dataclass(frozen=True)
class Stack:
    """Running servers, and the people of each conversation with their credentials."""

    cluster: Cluster
    server: WebServer
    hpb: HPB
    people: dict[str, list[dict[str, str]]]
    told: Path
    naive: bool

    def usage(self) -> Usage:
        """Return what was used until now."""
        return Usage(
            django=cpu.seconds_of(self.server.pid),
            postgresql=cpu.seconds_of(self.cluster.pid),
            hpb=cpu.seconds_of(self.hpb.pid),
            statements=int(self.cluster.run("SELECT sum(calls) FROM pg_stat_statements")),
            pings=self._session_rows("n_tup_upd"),
            hot=self._session_rows("n_tup_hot_upd"),
            wal=int(self.cluster.run("SELECT pg_current_wal_lsn() - '0/0'")),
            transactions=int(
                self.cluster.run(
                    "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
                )
            ),
        )

    def messages(self) -> tuple[Counter[str], int]:
        """Return how many messages of each type the HPB got since the last time, and the bytes."""
        lines = [line.split() for line in self.told.read_text().splitlines()]
        with self.told.open("w"):
            pass
        return Counter(kind for kind, _ in lines), sum(int(size) for _, size in lines)

    def is_settled(self) -> bool:
        """Tell whether the HPB was told everything; the naive way notes less."""
        return not self.cluster.run(_NAIVELY_UNTOLD if self.naive else _UNTOLD)

    def table_bytes(self, *tables: str) -> int:
        """Return how large tables are, with their indexes."""
        sizes = (f"pg_total_relation_size('talk_calls_{table}')" for table in tables)
        return int(self.cluster.run(f"SELECT {' + '.join(sizes)}"))

    def memory(self) -> dict[str, int]:
        """Return the resident memory of each in KiB, shared pages counted once or in parts."""
        return {
            "django": sum(map(_pss, cpu.processes_of(self.server.pid))),
            "hpb": sum(map(_pss, cpu.processes_of(self.hpb.pid))),
        }

    def _session_rows(self, column: str) -> int:
        return int(
            self.cluster.run(
                f"SELECT {column} FROM pg_stat_user_tables WHERE relname = 'talk_calls_session'"  # noqa: S608 -- our own names
            )
        )


@contextmanager
def running(release: str, conversations: dict[str, int], *, naive: bool) -> Iterator[Stack]:
    """Start all, with so many people in each conversation; stop all after the block."""
    site = Site(f"http://{HOST}:{free_port()}")
    with (
        tempfile.TemporaryDirectory() as directory,
        postgres.cluster() as cluster,
        hpb.running(release, [site]) as server,
    ):
        _count_statements(cluster)
        told = Path(directory) / "told"
        told.touch()
        environment = {
            **web.production_environment(_SETTINGS, cluster.url),
            "BENCHMARK_HPB": server.url,
            "BENCHMARK_SECRET": site.secret,
            "BENCHMARK_TOLD": str(told),
            "BENCHMARK_NAIVE": "1" if naive else "",
        }
        people = _seed(environment, conversations)
        cluster.run("VACUUM ANALYZE")
        with web.running(
            environment=environment,
            application=_APPLICATION,
            workers=WORKERS,
            port=int(site.url.rpartition(":")[2]),
        ) as django:
            yield Stack(cluster, django, server, people, told, naive)


def _count_statements(cluster: Cluster) -> None:
    cluster.run("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
    cluster.restart()
    cluster.run("CREATE EXTENSION pg_stat_statements")


def _seed(environment: dict[str, str], conversations: dict[str, int]) -> Any:
    arguments = [f"{token}:{count}" for token, count in conversations.items()]
    command = [sys.executable, "-m", "tests.benchmarks.rows", "--offline", *arguments]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
