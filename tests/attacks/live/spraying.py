"""Passwords sprayed over ever new names, from eight addresses, while people work and log in.

It has a server of its own, with eight threads and a hash that takes as long as Django's.
"""

import base64
import hashlib
import http.client
import itertools
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from tests.attacks.harness.figures import Figure
from tests.attacks.harness.site import Site
from tests.servers.web import PROXY_HEADERS, WebServer, production_environment, running

SETTINGS = "tests.attacks.harness.spraying_settings"
PATH = "/ocs/v2.php/apps/spreed/api/v4/room?format=json"

#: Connections that send wrong passwords, and the addresses that they claim to come from.
SPRAYERS, ADDRESSES = 24, 8

#: Seconds that a sprayer waits after a refusal unread, and an honest client between two requests.
PAUSE = 0.1

#: Seconds after which a client gives up; its answer has the status 0.
TIMEOUT = 20

#: Seconds that hashing one password takes, as with Django on a machine that does nothing else.
HASH = 0.3

#: Milliseconds of the median request with an app password during the spray.
_MOST_LATENCY = 1000

#: Seconds of each part: without and with the spray.
QUIET, SPRAYED = 5, 30

#: Passwords of accounts, as right ones of people and as the one that is sprayed.
PASSWORD, SPRAY = "correct horse battery staple", "Summer2026!"

_PREPARE = """
import django
django.setup()
from django.contrib.auth import get_user_model
from talk_calls.services import app_passwords
alice = get_user_model().objects.create_user("alice", password=PASSWORD)
print(app_passwords.create(user=alice, name="phone")[1])
"""


@dataclass
class Client:
    """A connection that stays open, and the statuses and seconds of its answers."""

    server: WebServer
    address: str
    answers: list[tuple[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        url = urlsplit(self.server.url)
        assert url.hostname is not None
        self._connection = http.client.HTTPConnection(url.hostname, url.port, timeout=TIMEOUT)

    def ask(self, name: str, password: str) -> int:
        """List one's conversations, with a login and without cookies; return the status."""
        login = base64.b64encode(f"{name}:{password}".encode()).decode()
        headers = {
            **PROXY_HEADERS,
            "Authorization": f"Basic {login}",
            "OCS-APIRequest": "true",
            "X-Forwarded-For": self.address,
        }
        started = time.perf_counter()
        try:
            self._connection.request("GET", PATH, headers=headers)
            with self._connection.getresponse() as answer:
                answer.read()
            status = answer.status
        except TimeoutError:
            self._connection.close()  # the next request opens it again
            status = 0
        self.answers.append((status, time.perf_counter() - started))
        return status

    @property
    def milliseconds(self) -> list[float]:
        """Return how long the answers took, the shortest first."""
        return sorted(seconds * 1000 for _, seconds in self.answers)


def run(site: Site) -> list[Figure]:
    """Spray, and return what people with an app password and with an account password notice."""
    del site  # its passwords are hashed quickly
    with _running() as (server, app_password):
        quiet = _people(server, app_password, QUIET)
        sprayers = [
            Client(server, f"198.51.100.{number % ADDRESSES}") for number in range(SPRAYERS)
        ]
        stop, numbers = threading.Event(), itertools.count()
        threads = [threading.Thread(target=_spray, args=(each, numbers, stop)) for each in sprayers]
        for each in threads:
            each.start()
        try:
            sprayed = _people(server, app_password, SPRAYED)
        finally:
            stop.set()
            for each in threads:
                each.join()
    statuses = Counter(status for each in sprayers for status, _ in each.answers)
    wrong = statuses[HTTPStatus.UNAUTHORIZED]
    unread = statuses[HTTPStatus.TOO_MANY_REQUESTS] + statuses[HTTPStatus.SERVICE_UNAVAILABLE]
    return [
        Figure("passwords sprayed", statuses.total()),
        Figure("verified and wrong (401)", wrong),
        Figure("refused unread (429, 503)", unread),
        Figure(
            "other answers, or none",
            statuses.total() - wrong - unread,
            most=0,
        ),
        *_noticed("app password", quiet[0], sprayed[0], most=_MOST_LATENCY),
        *_noticed("account password", quiet[1], sprayed[1]),
    ]


def _spray(client: Client, numbers: Iterator[int], stop: threading.Event) -> None:
    while not stop.is_set():
        if client.ask(f"somebody{next(numbers)}", SPRAY) != 401:
            time.sleep(PAUSE)


def _people(server: WebServer, app_password: str, seconds: float) -> tuple[Client, Client]:
    """Ask as alice's phone, and log in with her password meanwhile; return both clients."""
    phone, browser = Client(server, "192.0.2.1"), Client(server, "192.0.2.2")
    stop = threading.Event()
    logins = threading.Thread(target=_log_in, args=(browser, stop))
    logins.start()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        phone.ask("alice", app_password)
        time.sleep(PAUSE)
    stop.set()
    logins.join()
    return phone, browser


def _log_in(client: Client, stop: threading.Event) -> None:
    while not stop.is_set():
        client.ask("alice", PASSWORD)
        time.sleep(1)


def _noticed(
    what: str, quiet: Client, sprayed: Client, most: float | None = None
) -> Iterable[Figure]:
    """Return how fast a client was answered, ``most`` milliseconds at the median, and how often."""
    before, after = quiet.milliseconds, sprayed.milliseconds
    refused = sum(status != HTTPStatus.OK for status, _ in sprayed.answers)
    yield Figure(f"{what}, median", median(after), "ms", median(before), most)
    yield Figure(f"{what}, longest", after[-1], "ms", before[-1])
    yield Figure(f"{what}, refused or late", refused, most=None if most is None else 0)


def _iterations() -> int:
    """Return how many iterations of the hash take ``HASH`` seconds here and now."""
    few = 50_000
    started = time.perf_counter()
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", few)
    return int(HASH / (time.perf_counter() - started) * few)


@contextmanager
def _running() -> Iterator[tuple[WebServer, str]]:
    """Yield a server with one process and eight threads, and an app password of alice's."""
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'site.sqlite3'}"
        environment = production_environment(SETTINGS, database)
        environment["SPRAYING_ITERATIONS"] = str(_iterations())

        def python(*arguments: str) -> str:
            command = [sys.executable, *arguments]
            return subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            ).stdout

        python("-m", "django", "migrate", "-v0")
        python("-m", "django", "createcachetable")
        app_password = python("-c", f"PASSWORD = {PASSWORD!r}\n{_PREPARE}").split()[-1]
        with running(environment=environment) as server:
            yield server, app_password
