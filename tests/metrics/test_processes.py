"""Several worker processes of a real server: one page for all of them."""

import http.client
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection

from tests.factories import ConversationFactory
from tests.metrics.site import TOKEN, values
from tests.patience import until_so
from tests.servers import web
from tests.servers.ports import HOST
from tests.servers.web import WebServer
from tests.signaling.live.people import Person

pytestmark = pytest.mark.django_db(transaction=True)

#: Seconds, long enough for a busy machine.
PATIENCE = 60.0

JOINED = 'talk_calls_joins_total{actor_type="guests"}'
RESPONSES = (
    'talk_calls_responses_total{method="POST",route="call-detail",status="200",version="v3"}'
)
WAITING = 'talk_calls_waiting_polls{topic="chat"}'


@dataclass(frozen=True)
class Site:
    """A server with two workers, which write into a directory."""

    server: WebServer
    directory: Path

    def page(self) -> dict[str, float]:
        """Return what the worker that happens to answer tells."""
        asked = http.client.HTTPConnection(HOST, self.server.port, timeout=PATIENCE)
        asked.request("GET", "/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        response = asked.getresponse()
        text = response.read().decode()
        asked.close()
        assert response.status == 200, text
        return values(text)

    def until(self, name: str, value: float) -> None:
        """Wait until that is what the page tells."""
        until_so(lambda: self.page().get(name) == value, PATIENCE, f"{name} {value}")

    def workers(self) -> set[int]:
        """Return the processes that counted something."""
        return {int(path.stem.rpartition("_")[2]) for path in self.directory.glob("counter_*.db")}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """Return a site with two workers."""
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.metrics.live_settings",
        "LIVE_DATABASE": str(connection.settings_dict["NAME"]),
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
    }
    with web.running(
        environment=environment, workers=2, application="tests.metrics.live:application"
    ) as server:
        yield Site(server, tmp_path)


def join_at_both(site: Site, token: str) -> list[Person]:
    """Let guests join a call until both workers answered some requests; return them."""
    people: list[Person] = []

    def both_worked() -> bool:
        person = Person(token)
        person.done(site.server, "POST", f"room/{token}/participants/active")
        person.call(site.server)
        people.append(person)
        return len(people) >= 6 and len(site.workers()) == 2

    until_so(both_worked, PATIENCE, "a request to each worker")
    return people


@contextmanager
def waiting(site: Site, people: list[Person]) -> Iterator[None]:
    """Let people wait for the next message of the chat; the block has to end with one."""
    known = people[0].read(site.server, seconds=0).data[-1]["id"]
    polls = [Thread(target=person.read, args=(site.server, known)) for person in people]
    for poll in polls:
        poll.start()
    yield
    for poll in polls:
        poll.join(PATIENCE)


def test_two_workers(site):
    """Counters add up, and gauges are those of both."""
    people = join_at_both(site, ConversationFactory(type=3).token)
    pages = [site.page() for _ in range(8)]
    for name in (JOINED, RESPONSES):
        assert {page[name] for page in pages} == {len(people)}
    site.until("talk_calls_processes", 2)
    site.until("talk_calls_people", len(people))
    with waiting(site, people[:5]):
        site.until(WAITING, 5)
        people[5].call(site.server, "DELETE")
    site.until(WAITING, 0)
    assert site.page()['talk_calls_leaves_total{reason="left"}'] == 1


def test_a_worker_that_is_killed(site):
    """What it counted stays, and what was true of it goes."""
    people = join_at_both(site, ConversationFactory(type=3).token)
    killed = min(site.workers())
    site.until("talk_calls_processes", 2)
    assert list(site.directory.glob(f"gauge_live*_{killed}.db"))
    os.kill(killed, signal.SIGKILL)
    until_so(lambda: not is_alive(killed), PATIENCE, "its end")
    pages = [site.page() for _ in range(4)]
    assert not list(site.directory.glob(f"gauge_live*_{killed}.db"))
    for name in (JOINED, RESPONSES):
        assert {page[name] for page in pages} == {len(people)}


def is_alive(pid: int) -> bool:
    """Tell whether there is such a process; its parent has to have noticed its end."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
