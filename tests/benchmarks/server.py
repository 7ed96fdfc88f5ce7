"""The web server under measurement: the demo site, as in production."""

import http.client
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec

from tests.benchmarks.cases import Request

HOST = "127.0.0.1"
_PATIENCE = 30

#: Arguments by server; access logs are left to the proxy.
COMMANDS = {
    "uvicorn": (
        *("uvicorn", "{application}", "--host", HOST, "--port", "{port}"),
        *("--workers", "{workers}", "--no-access-log", "--log-level", "warning"),
    ),
    "gunicorn": (
        *("gunicorn", "project.wsgi:application", "--bind", f"{HOST}:{{port}}"),
        *("--workers", "{workers}", "--threads", "4", "--log-level", "warning"),
    ),
}


def available() -> list[str]:
    """Return the servers that are installed here."""
    return [name for name in COMMANDS if find_spec(name)]


@dataclass(frozen=True)
class Server:
    """A running web server; ``pid`` is the parent of its workers."""

    port: int
    pid: int

    def ask(self, requests: list[Request]) -> None:
        """Send requests one after the other; exits with what was wrong if one fails."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=_PATIENCE)
        for request in requests:
            connection.request(
                request["method"], request["path"], request["body"], request["headers"]
            )
            response = connection.getresponse()
            answer = response.read()
            if response.status != http.HTTPStatus.OK:
                sys.exit(f"{request['method']} {request['path']}: {response.status} {answer!r}")
        connection.close()


def environment(database_url: str) -> dict[str, str]:
    """Return what the site is configured by."""
    return {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_DEBUG"},
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(64),
        "DJANGO_ALLOWED_HOSTS": "talk.example",
        "DATABASE_URL": database_url,
    }


@contextmanager
def running(
    name: str,
    *,
    workers: int,
    environment: dict[str, str],
    application: str = "project.asgi:application",
) -> Iterator[Server]:
    """Start a server, hand it out when it answers, and stop it in the end."""
    port = free_port()
    values = {"port": port, "workers": workers, "application": application}
    command = [part.format(**values) for part in COMMANDS[name]]
    with tempfile.TemporaryFile() as words:
        # A session of its own: Ctrl-C is for the measurement, which then stops the server.
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            env=environment,
            stdout=words,
            stderr=words,
            start_new_session=True,
        )
        try:
            if not _answers(port, process):
                words.seek(0)
                sys.exit(f"{name} did not start:\n{words.read().decode(errors='replace')}")
            yield Server(port, process.pid)
        finally:
            _stop(process)


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Wait until the server takes connections; False if it ended or never did."""
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
