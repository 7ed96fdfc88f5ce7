"""A temporary site: a database, and processes that use it."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
from django.core.management import call_command

from tests.race.processes import Child, ForkServer, Server, forkserver
from tests.servers import postgres, web
from tests.servers.postgres import Cluster

#: The name that PostgreSQL knows the site's connections by.
APPLICATION_NAME = "race site"

#: Seconds between two passes of a sweeper.
SWEEP_PAUSE = 0.5


@dataclass(frozen=True)
class Site:
    """A running site; ``cluster`` is None on SQLite."""

    url: str
    cluster: Cluster | None
    forkserver: ForkServer
    environment: dict[str, str]
    log: Path

    def servers(self, count: int) -> list[Server]:
        """Start servers and wait until they answer."""
        servers = [Server(self.forkserver) for _ in range(count)]
        for each in servers:
            each.start()
        for each in servers:
            each.wait()
        return servers

    def sweepers(self, count: int) -> list[Child]:
        """Start sweepers that run until they are killed."""
        sweepers = [Child(self.forkserver, "sweep", SWEEP_PAUSE) for _ in range(count)]
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
    """Make a database, set up Django on it in this process too, and start a forkserver.

    The output of its processes goes to ``log``, by default a temporary file. ``settings`` are
    environment variables of tests.race.settings.
    """
    with (
        tempfile.TemporaryDirectory(prefix="talk-calls-race.") as home,
        _database(database, Path(home)) as (url, cluster),
    ):
        environment = {**web.production_environment("tests.race.settings", url), **settings}
        os.environ.update(environment)
        django.setup()
        call_command("migrate", run_syncdb=True, verbosity=0)
        log = log or Path(home) / "log"
        with forkserver({**environment, "PGAPPNAME": APPLICATION_NAME}, log) as started:
            yield Site(url, cluster, started, environment, log)


@contextmanager
def _database(kind: str, home: Path) -> Iterator[tuple[str, Cluster | None]]:
    if kind == "sqlite":
        yield f"sqlite:///{home}/race.sqlite3", None
        return
    with postgres.cluster() as cluster:
        # The race kills only clients of PostgreSQL, so that commits need not wait for the disk.
        cluster.run("ALTER SYSTEM SET synchronous_commit = off", "SELECT pg_reload_conf()")
        yield cluster.url, cluster


def stop_on_terminate() -> None:
    """Let SIGTERM end this process like Ctrl-C, so that everything temporary is deleted."""
    import signal

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
