"""A web server that serves the demo site as in production."""

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.servers.ports import HOST, accepts_connections, free_port

#: Headers that the proxy of a production site sends: its name, and that it ends TLS.
PROXY_HEADERS = {"Host": "talk.example", "X-Forwarded-Proto": "https"}

#: Arguments by server; access logs are left to the proxy.
_COMMANDS = {
    "uvicorn": (
        *("uvicorn", "{application}", "--host", HOST, "--port", "{port}"),
        *("--workers", "{workers}", "--no-access-log", "--log-level", "warning"),
    ),
    "gunicorn": (
        *("gunicorn", "{application}", "--bind", f"{HOST}:{{port}}"),
        *("--workers", "{workers}", "--threads", "4", "--log-level", "warning"),
    ),
    "granian": (
        *("granian", "{application}", "--interface", "asgi", "--host", HOST, "--port", "{port}"),
        *("--workers", "{workers}", "--log-level", "warning"),
    ),
}

#: Servers that speak no ASGI.
_WSGI = {"gunicorn"}

#: Seconds for a start, and for a graceful stop.
_START_TIMEOUT = 30
_STOP_TIMEOUT = 10


def available() -> list[str]:
    """Return the servers that are installed here."""
    return [name for name in _COMMANDS if find_spec(name)]


@dataclass(frozen=True)
class WebServer:
    """A running web server; ``pid`` is the parent of its workers."""

    port: int
    pid: int

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{HOST}:{self.port}"


def production_environment(settings: str, database_url: str) -> dict[str, str]:
    """Return environment variables of a production site with this settings module."""
    return {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_DEBUG"},
        "DJANGO_SETTINGS_MODULE": settings,
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
        "DJANGO_ALLOWED_HOSTS": PROXY_HEADERS["Host"],
        "DATABASE_URL": database_url,
    }


@contextmanager
def running(
    name: str = "uvicorn",
    *,
    environment: dict[str, str],
    workers: int = 1,
    application: str = "project.{interface}:application",
    directory: Path | None = None,
    port: int | None = None,
    python: str = sys.executable,
) -> Iterator[WebServer]:
    """Start a server in a directory, yield it when it accepts connections, and stop it.

    The directory, by default the current one, is the first from which it imports modules. The port
    is a free one, or given where another server has to know it before. In ``application``,
    ``{interface}`` stands for what the server speaks, ``asgi`` or ``wsgi``. Exits with the server's
    output if it does not start.
    """
    port = port or free_port()
    application = application.format(interface="wsgi" if name in _WSGI else "asgi")
    values = {"port": port, "workers": workers, "application": application}
    command = [part.format(**values) for part in _COMMANDS[name]]
    with tempfile.TemporaryFile() as output:
        # A session of its own: Ctrl-C is for the caller, which then stops the server.
        process = subprocess.Popen(
            [python, "-m", *command],
            env=environment,
            cwd=directory,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            if not _started(port, process):
                output.seek(0)
                sys.exit(f"{name} did not start:\n{output.read().decode(errors='replace')}")
            yield WebServer(port, process.pid)
        finally:
            _stop(process)


def _started(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the server accepts connections; return False if it ended or never did."""
    deadline = time.monotonic() + _START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        if accepts_connections(port):
            return True
        time.sleep(0.05)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
