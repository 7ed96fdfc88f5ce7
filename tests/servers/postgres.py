"""A temporary PostgreSQL server, for the benchmarks and the race.

Unlike that of tools/with-postgres it is durable: every commit waits for the disk, as in production.
It listens on a Unix socket in a temporary directory.
"""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

_DATABASE = "talk_calls"
_STATEMENT = re.compile(rb"^LOG:  (?:statement|execute)\b", re.MULTILINE)


@dataclass(frozen=True)
class Cluster:
    """A running server."""

    home: Path

    @property
    def pid(self) -> int:
        """Return the process id of the parent of all its processes."""
        return int((self.home / "data" / "postmaster.pid").read_text().split()[0])

    def restart(self) -> None:
        """Close all connections, stop, and start again."""
        data, log = self.home / "data", self.home / "log"
        _run(_find_binaries() / "pg_ctl", "-D", data, "-l", log, "-m", "fast", "-w", "restart")

    @property
    def url(self) -> str:
        """Return the value of DATABASE_URL."""
        return f"postgres://postgres@{quote(str(self.home), safe='')}/{_DATABASE}"

    def run(self, *statements: str) -> Any:
        """Run statements; return the first value of the last one's first row, or None."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    @contextmanager
    def counting(self) -> Iterator["Counter"]:
        """Count the statements that the server runs within the block."""
        counter = Counter(self.home / "log")
        self._log_statements("all")
        counter.start()
        yield counter
        counter.stop()
        self._log_statements("none")

    def _log_statements(self, which: str) -> None:
        self.run(f"ALTER SYSTEM SET log_statement = '{which}'", "SELECT pg_reload_conf()")
        time.sleep(0.3)  # each process of the server reloads its configuration by itself


class Counter:
    """Counts the statements in a server's log between ``start`` and ``stop``."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._from = 0
        self.statements = 0

    def start(self) -> None:
        """Start counting."""
        self._from = self._log.stat().st_size

    def stop(self) -> None:
        """Stop counting, and set ``statements``."""
        time.sleep(0.2)  # the last lines may not be written yet
        self.statements = len(_STATEMENT.findall(self._log.read_bytes()[self._from :]))


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Create and start a server, yield it, then stop and delete it."""
    binaries = _find_binaries()
    home = Path(tempfile.mkdtemp(prefix="talk-calls-postgres."))
    pid_file = home / "data" / "postmaster.pid"
    try:
        if account := _account():
            shutil.chown(home, account)
        _prepare(binaries, home)
        yield Cluster(home)
    finally:
        if pid_file.exists():
            _run(binaries / "pg_ctl", "-D", home / "data", "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def _prepare(binaries: Path, home: Path) -> None:
    data = home / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c log_line_prefix=''"
    options += " -c log_checkpoints=off"
    locale = ("-E", "UTF8", "--locale=C.UTF-8")
    _run(binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", *locale)
    _run(binaries / "pg_ctl", "-D", data, "-l", home / "log", "-w", "-o", options, "start")
    _run(binaries / "createdb", "-h", home, "-U", "postgres", _DATABASE)


def _find_binaries() -> Path:
    """Return the directory of the newest server's programs; Debian keeps them out of PATH."""
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    found = max(versions, key=lambda path: float(path.parent.parent.name), default=None)
    if found is None and (on_path := shutil.which("initdb")):
        found = Path(on_path).resolve()
    if found is None:
        sys.exit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return found.parent


def _account() -> str | None:
    """Return another account to run the server as, since it refuses to run as root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _run(*command: str | Path) -> None:
    """Run one of PostgreSQL's programs; exit with its output if it fails."""
    account = _account()
    identity: dict[str, Any] = {}
    if account:
        group = pwd.getpwnam(account).pw_gid
        identity = {"user": account, "group": group, "extra_groups": []}
    # Output to a file and not a pipe, which the started server would keep open.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, stdout=output, stderr=output, cwd="/", check=False, **identity
        )
        if done.returncode:
            output.seek(0)
            sys.exit(f"{command[0]} failed:\n{output.read().decode(errors='replace')}")
