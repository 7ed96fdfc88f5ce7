"""What the health checks look at: a site, and a TURN server."""

import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from django.db import connection
from django.utils import timezone

from talk_calls.health.results import CheckContext
from tests.plugins.skipped import turn_program
from tests.servers.ports import HOST, accepts_connections, free_port

SECRET = "a secret of the test's own"


@pytest.fixture
def context() -> CheckContext:
    """Return a context with the current time and a short timeout."""
    return CheckContext(now=timezone.now(), timeout=2.0)


@pytest.fixture
def second_process(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Let the second process be of this test's site."""
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.health.settings")
    monkeypatch.setenv("HEALTH_DATABASE", str(connection.settings_dict["NAME"]))


@dataclass(frozen=True)
class Turn:
    """A running TURN server and its secret."""

    address: str
    secret: str


@pytest.fixture(scope="session")
def turn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Turn]:
    """Return a coturn of our own."""
    program = turn_program()
    assert program is not None, "a test that asks for it lacks the marker"
    folder, port = tmp_path_factory.mktemp("coturn"), free_port()
    command = [
        program,
        "-n",
        "--use-auth-secret",
        f"--static-auth-secret={SECRET}",
        "--realm=example.org",
        f"--listening-ip={HOST}",
        f"--relay-ip={HOST}",
        f"--listening-port={port}",
        "--allow-loopback-peers",
        "--no-tls",
        "--no-dtls",
        "--no-cli",
        f"--pidfile={folder}/pid",
        f"--userdb={folder}/db",
        "--log-file=stdout",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until = time.monotonic() + 30
    while not accepts_connections(port):
        assert process.poll() is None, "coturn did not start"
        assert time.monotonic() < until, "coturn does not answer"
        time.sleep(0.05)
    yield Turn(f"{HOST}:{port}", SECRET)
    process.terminate()
    process.wait(10)
