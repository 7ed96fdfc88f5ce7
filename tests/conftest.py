"""Fixtures that multiply the contract tests: versions, entries, formats."""

import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.core.cache import cache
from django.utils import timezone, translation

from talk_calls.host import clock
from talk_calls.hpb import circuits, connections, sender
from talk_calls.signaling import wakeup
from tests.app_passwords import app_password_in_use
from tests.management.processes import CommandSite
from tests.meetings import Meeting
from tests.ocs_client import OCSClient
from tests.servers import coturn as coturn_server
from tests.servers import hpb as hpb_server
from tests.servers import janus as janus_server
from tests.servers import nats as nats_server
from tests.servers.hpb_client import HPBClient, connected
from tests.servers.ports import free_port
from tests.servers.programs import HPB_RELEASES
from tests.servers.redis import Redis, redis_program


def pytest_configure() -> None:
    """Take Ctrl-C as on a terminal; background processes and their children ignore it.

    Tests press it to commands that they start.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _movable_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let tests move time: PostgreSQL's own cannot be moved (tests/host/test_clock.py has that)."""
    monkeypatch.setattr(clock, "database_now", timezone.now)


@pytest.fixture(autouse=True)
def _no_guesses_yet() -> None:
    """Clear the wrong guesses of earlier tests."""
    cache.clear()


@pytest.fixture(autouse=True)
def _site_language() -> None:
    """Speak the site's language again: Django's middleware leaves that of the last request."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _no_listeners() -> Iterator[None]:
    """Stop listening for hints before the database is removed."""
    yield
    wakeup.stop()


@pytest.fixture(autouse=True)
def _no_senders() -> Iterator[None]:
    """Tell signaling servers nothing any more, and forget which of them failed."""
    yield
    sender.stop()
    circuits.forget()
    connections.close_all()


@pytest.fixture
def account_passwords(settings) -> None:
    """Let HTTP Basic take account passwords, as few sites do."""
    settings.TALK_CALLS = {"ACCOUNT_PASSWORDS": True}


@pytest.fixture(params=["v1", "v2", "v3", "v4"])
def version(request: pytest.FixtureRequest) -> str:
    """Each API version."""
    return request.param


@pytest.fixture(params=["v1", "v2", "v3"])
def old_version(request: pytest.FixtureRequest) -> str:
    """Each API version in which an attendee is online on one device."""
    return request.param


@pytest.fixture(params=["json", "xml"])
def wire(request: pytest.FixtureRequest) -> str:
    """Each form of an answer."""
    return request.param


@pytest.fixture
def device(db: None):
    """Return a function that makes a client for a user, or for a guest.

    Users come with an app password, as most clients do.
    """

    def make(user: AbstractBaseUser | None = None, **kwargs: str) -> OCSClient:
        if user is None:
            return OCSClient(**kwargs)
        secret = app_password_in_use(user)
        return OCSClient(username=user.get_username(), password=secret, **kwargs)

    return make


@pytest.fixture
def meeting(db: None) -> Iterator[type[Meeting]]:
    """Return the class ``Meeting``, with UTC as the time zone."""
    with timezone.override(UTC):
        yield Meeting


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    """Return a running Redis; a test that stops it starts it again."""
    program = redis_program()
    assert program is not None, "a test that asks for it lacks the marker"
    redis = Redis(free_port(), program)
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.server(f"hpb-{name}")) for name in HPB_RELEASES]
)
def hpb_release(request: pytest.FixtureRequest) -> str:
    """Each release of Debian, with a version of the High-performance Backend of its own."""
    return request.param


@pytest.fixture
def start_hpb() -> Iterator[Callable[..., hpb_server.HPB]]:
    """Return ``hpb.running`` as a function, for servers that end with the test."""
    with ExitStack() as stack:
        yield lambda *args, **kwargs: stack.enter_context(hpb_server.running(*args, **kwargs))


@pytest.fixture
def connect_to_hpb() -> Iterator[Callable[[hpb_server.HPB], HPBClient]]:
    """Return a function that connects a client to an HPB."""
    with ExitStack() as stack:
        yield lambda hpb: stack.enter_context(connected(hpb.websocket_url))


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """Return the site in a thread, which is started once the database of the tests is there.

    Before, SQLite's is in memory as it seems, and the thread would use the connection of the tests.
    """
    return live_server


@pytest.fixture(scope="session")
def nats() -> Iterator[nats_server.Nats]:
    """Return a running NATS; a test that stops it starts it again."""
    with nats_server.running() as nats:
        yield nats


@pytest.fixture(scope="session")
def janus() -> Iterator[janus_server.Janus]:
    """Return a running Janus; a test that stops it starts it again."""
    with janus_server.running() as janus:
        yield janus


@pytest.fixture(scope="session")
def coturn() -> Iterator[coturn_server.Coturn]:
    """Return a running coturn; a test that stops it starts it again."""
    with coturn_server.running() as coturn:
        yield coturn


@pytest.fixture(scope="session")
def _new_command_site(tmp_path_factory) -> CommandSite:
    made = CommandSite(tmp_path_factory.mktemp("command_site") / "site.sqlite3")
    migrated = made.manage("migrate", "-v0")
    assert migrated.returncode == 0, migrated.stderr
    return made


@pytest.fixture
def command_site(_new_command_site, tmp_path) -> CommandSite:
    """Return an empty site of its own."""
    return CommandSite(shutil.copy(_new_command_site.path, tmp_path / "site.sqlite3"))
