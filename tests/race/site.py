"""A database and the site's processes on it, for as long as they are needed."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
from django.core.management import call_command

from tests.benchmarks import postgres, server
from tests.benchmarks.postgres import Cluster
from tests.race.processes import Child, Nursery, Server, nursery

#: By which name the site's connections are known to PostgreSQL.
SITE = "race site"

#: Seconds between two passes of a sweeper.
SWEEP_PAUSE = 0.5


@dataclass(frozen=True)
class Site:
    """What is raced; ``cluster`` is None on SQLite."""

    url: str
    cluster: Cluster | None
    nursery: Nursery
    environment: dict[str, str]
    log: Path

    def servers(self, count: int) -> list[Server]:
        """Start servers and wait until they answer."""
        servers = [Server(self.nursery) for _ in range(count)]
        for each in servers:
            each.start()
        for each in servers:
            each.wait()
        return servers

    def sweepers(self, count: int) -> list[Child]:
        """Start sweepers that go on for ever."""
        sweepers = [Child(self.nursery, "sweep", SWEEP_PAUSE) for _ in range(count)]
        for each in sweepers:
            each.start()
        return sweepers

    def errors(self) -> list[str]:
        """Return the last lines of the processes' log."""
        return self.log.read_text(errors="replace").splitlines()[-60:]


@contextmanager
def running(
    database: str = "postgresql", *, log: Path | None = None, **settings: str
) -> Iterator[Site]:
    """Make a database, become part of the site, and load it for processes that are forked.

    What its processes say goes to ``log``, or is gone in the end. ``settings`` are environment
    variables of tests.race.settings.
    """
    with (
        tempfile.TemporaryDirectory(prefix="talk-calls-race.") as home,
        _database(database, Path(home)) as (url, cluster),
    ):
        environment = {**server.environment(url), "DJANGO_SETTINGS_MODULE": "tests.race.settings"}
        environment |= settings
        os.environ.update(environment)
        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        log = log or Path(home) / "log"
        with nursery({**environment, "PGAPPNAME": SITE}, log) as started:
            yield Site(url, cluster, started, environment, log)


@contextmanager
def _database(kind: str, home: Path) -> Iterator[tuple[str, Cluster | None]]:
    if kind == "sqlite":
        yield f"sqlite:///{home}/race.sqlite3", None
        return
    with postgres.cluster() as cluster:
        # Only clients are killed here, so nothing is lost by not waiting for the disk.
        cluster.run("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
        yield cluster.url, cluster


def stop_on_terminate() -> None:
    """Let a SIGTERM end us as Ctrl-C does, so that nothing is left behind."""
    import signal

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
