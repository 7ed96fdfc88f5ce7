"""Signaling over real server processes: what one of them receives wakes polls of another."""

import http.client
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from talk_calls.models import SystemMessage
from tests.factories import ConversationFactory
from tests.patience import TooLate, in_time
from tests.servers.ports import HOST
from tests.signaling.live.people import Answer, Person, Polling, guest, member, owner
from tests.signaling.live.servers import NEVER, PATIENCE, Server, serving

pytestmark = pytest.mark.django_db(transaction=True)

#: Seconds that news may take where nobody hints at it.
WITHOUT_HINT = 1.0

#: What the servers share, and how many there are.
SITES = [
    pytest.param(hint, count, id=f"{hint or 'no hint'}, {count}", marks=marks)
    for hint, marks in (
        ("", ()),
        ("redis", pytest.mark.redis),
        ("postgresql", pytest.mark.postgresql),
    )
    for count in (1, 2)
]


#: Eight that answer, the event loop's, and those of hints and queries.
_THREADS = 8 + 1 + 3


@dataclass(frozen=True)
class Site:
    """The servers of a site: people come in by the first, and wait at the last."""

    hint: str
    servers: list[Server]

    @property
    def first(self) -> Server:
        return self.servers[0]

    @property
    def last(self) -> Server:
        return self.servers[-1]


@pytest.fixture(scope="module")
def site(request: pytest.FixtureRequest, django_db_setup: None) -> Iterator[Site]:
    """Return a site. Where it has a hint it never checks: what arrives was hinted at."""
    hint, count = request.param
    url = request.getfixturevalue("redis").url if hint == "redis" else hint
    with serving(count, wakeup=url, query_interval=NEVER if hint else 0.5) as servers:
        yield Site(hint, servers)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "site" in metafunc.fixturenames:
        sites = [pytest.param(tuple(each.values), id=each.id, marks=each.marks) for each in SITES]
        metafunc.parametrize("site", sites, indirect=True, scope="module")


def come_in(site: Site) -> tuple[Person, Person]:
    """Return the owner of a conversation and a guest, who wait for each other's messages."""
    room = ConversationFactory()
    ada, bob = owner(room).come_in(site.first), guest(room).come_in(site.last)
    ada.pull(site.first)  # who was there first, and has not seen the other
    return ada, bob


@pytest.mark.contract("8.3", "8.4")
def test_a_message(site):
    """A message to one server reaches a poll that waits at the other."""
    ada, bob = come_in(site)
    took = []
    for number in range(3):
        with Polling(bob, site.last) as polling:
            if site.hint:
                site.last.until(receiving=True)
            ada.send(site.first, bob, sid=str(number))
        got = [(message["sid"], message["from"]) for message in polling.answer.messages]
        assert got == [(str(number), ada.session_id)]
        took.append(polling.took)
    assert sorted(took)[1] < WITHOUT_HINT


def test_messages_arrive_once_and_in_order(site):
    """A client that sends and polls by turns at two servers misses nothing."""
    ada, bob = come_in(site)
    got = []
    for number in range(12):
        ada.send(site.servers[number % len(site.servers)], bob, sid=number)
        if number % 3 == 2:
            got += bob.pull(site.servers[-(number // 3 % 2)]).messages
    assert [message["sid"] for message in got] == list(range(12))


def _leave(site: Site, ada: Person, bob: Person) -> None:
    ada.call(site.first, "DELETE")


def _lobby(site: Site, ada: Person, bob: Person) -> None:
    ada.done(site.first, "PUT", f"room/{ada.token}/webinar/lobby", {"state": 1})


def _lock(site: Site, ada: Person, bob: Person) -> None:
    ada.done(site.first, "PUT", f"room/{ada.token}/read-only", {"state": 1})


def _end(site: Site, ada: Person, bob: Person) -> None:
    ada.done(site.first, "DELETE", f"call/{ada.token}?all=1", version="v4")


def _kick(site: Site, ada: Person, bob: Person) -> None:
    ada.done(
        site.first,
        "DELETE",
        f"room/{ada.token}/participants",
        {"participant": bob.name},
    )


def _delete(site: Site, ada: Person, bob: Person) -> None:
    ada.done(site.first, "DELETE", f"room/{ada.token}")


def _elsewhere(site: Site, ada: Person, bob: Person) -> None:
    Person(bob.token, bob.name, bob.password).come_in(site.first)


CHANGES = {
    "somebody leaves": (_leave, 200),
    "lobby": (_lobby, 200),
    "lock": (_lock, 200),
    "end for all": (_end, 200),
    "kick": (_kick, 404),
    "deletion": (_delete, 404),
    "joined elsewhere": (_elsewhere, 409),
}


@pytest.mark.contract("8.4")
@pytest.mark.parametrize(("change", "status"), CHANGES.values(), ids=CHANGES)
def test_a_change(site, change, status):
    """What ends a call for somebody, or shows others in it, reaches them where they wait."""
    room = ConversationFactory()
    ada, bob = owner(room).come_in(site.first), member(room).come_in(site.last)
    for person in (ada, bob):
        person.call(site.first)
    bob.pull(site.last)
    with Polling(bob, site.last) as polling:
        if site.hint:
            site.last.until(receiving=True)
        change(site, ada, bob)
    assert polling.answer.status == status
    in_time(polling.took, 2 * WITHOUT_HINT)
    if status != 200:
        assert polling.answer.data == [{"type": "usersInRoom", "data": []}]
    else:
        who = ada if change is _leave else bob
        assert polling.answer.users[who.session_id] == 0


def test_waiting_holds_nothing(site):
    """No thread and no connection; and nobody asks the database if there is a hint."""
    ada, bob = come_in(site)
    others = [guest(ConversationFactory()).come_in(site.last) for _ in range(12)]
    with Polling(bob, site.last) as polling:
        if site.hint:
            site.last.until(receiving=True)
        with ExitStack() as everybody:
            for person in others:
                everybody.enter_context(Polling(person, site.last))
            _wait_for_silence(site)
            before = site.last.inside()
            time.sleep(1.5)
            after = site.last.inside()
            # The checking thread has one connection, and sends two queries in half a second.
            assert site.last.connections() <= (0 if site.hint else 1)
            for person in others:
                person.done(site.first, "DELETE", f"room/{person.token}/participants/active")
        ada.send(site.first, bob)
    assert len(polling.answer.messages) == 1
    assert after["waiting"] == len(others) + 1
    assert after["statements"] - before["statements"] <= (0 if site.hint else 8)
    assert after["threads"] <= _THREADS


def test_a_call_that_starts(site):
    """Whoever waits for the chat reads at once that a call began, at whatever server."""
    ada, bob = come_in(site)
    took = []
    for _ in range(3):
        with Polling(bob, site.last, Person.read) as polling:
            if site.hint:
                site.last.until(receiving=True)
            ada.call(site.first)
        assert [each["systemMessage"] for each in polling.answer.data] == ["call_started"]
        took.append(polling.took)
        ada.call(site.first, "DELETE")
        SystemMessage.objects.all().delete()
    assert sorted(took)[1] < WITHOUT_HINT


def test_waiting_for_the_chat_holds_nothing(site):
    """It costs as little as waiting for signaling, which goes on beside it."""
    ada, bob = come_in(site)
    with ExitStack() as everybody:
        signaling = everybody.enter_context(Polling(bob, site.last))
        chats = [everybody.enter_context(Polling(bob, site.last, Person.read))]
        for _ in range(12):
            other = member(ConversationFactory())
            chats.append(everybody.enter_context(Polling(other, site.last, _read_for_4_seconds)))
        if site.hint:
            site.last.until(receiving=True)
        _wait_for_silence(site)
        before = site.last.inside()
        time.sleep(1.5)
        after = site.last.inside()
        assert site.last.connections() <= (0 if site.hint else 1)
        ada.call(site.first)
    assert after["waiting"] == len(chats) + 1
    assert after["statements"] - before["statements"] <= (0 if site.hint else 8)
    assert after["threads"] <= _THREADS
    assert signaling.answer.users[ada.session_id] == 7
    assert [each["systemMessage"] for each in chats[0].answer.data] == ["call_started"]
    assert {(each.answer.status, each.answer.data) for each in chats[1:]} == {(304, b"")}


def _read_for_4_seconds(person: Person, server: Server) -> Answer:
    return person.read(server, seconds=4)


def test_nothing_new_has_no_body(site):
    """A client may use the connection for its next request."""
    ada, _ = come_in(site)
    asked = http.client.HTTPConnection(HOST, site.last.port, timeout=PATIENCE)
    url = ada.url(f"chat/{ada.token}", "v1")
    for seconds in (0, 1, 0):
        path = f"{url}&lookIntoFuture=1&timeout={seconds}"
        asked.request("GET", path, headers=ada.headers())
        response = asked.getresponse()
        assert (response.status, response.read()) == (304, b"")
        assert "Transfer-Encoding" not in response.headers
    asked.close()


def _wait_for_silence(site: Site) -> None:
    """Let what is under way come to its end."""
    seen = -1
    until = time.monotonic() + PATIENCE
    while site.hint and (now := site.last.inside()["statements"]) != seen:
        if time.monotonic() > until:
            raise TooLate
        seen = now
        time.sleep(0.3)


def test_an_answer_that_is_cut_off(site):
    """If a connection breaks in the middle of an answer, all of it is repeated."""
    ada, bob = come_in(site)
    ada.send(site.first, bob, sid="1", payload="x" * 100_000)
    _read_half_an_answer(bob, site.last)
    ada.send(site.first, bob, sid="2")
    assert [message["sid"] for message in bob.pull(site.first).messages] == ["1", "2"]
    with Polling(bob, site.last) as polling:
        ada.send(site.first, bob, sid="3")
    assert [message["sid"] for message in polling.answer.messages] == ["3"]


def _read_half_an_answer(person: Person, server: Server) -> None:
    """Poll, read the first bytes of an answer, and break the connection."""
    asked = socket.socket()
    asked.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asked.settimeout(PATIENCE)
    with asked:
        asked.connect((HOST, server.port))
        asked.sendall(_poll_as_bytes(person))
        assert asked.recv(1024).startswith(b"HTTP/1.1 200")
        # With a reset and not politely, as when a train goes into a tunnel.
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_client_that_goes_away_while_it_waits(site):
    """Nobody waits any more where nobody is; and what comes then is for the next poll."""
    ada, bob = come_in(site)
    with socket.create_connection((HOST, site.last.port), timeout=PATIENCE) as asked:
        asked.sendall(_poll_as_bytes(bob))
        site.last.until(waiting=1)
    site.last.until(waiting=0)
    ada.send(site.first, bob, sid="1")
    assert [message["sid"] for message in bob.pull(site.last).messages] == ["1"]


def _poll_as_bytes(person: Person) -> bytes:
    lines = [f"GET {person.url(f'signaling/{person.token}')} HTTP/1.1", f"Host: {HOST}"]
    lines += [f"{name}: {value}" for name, value in person.headers().items()]
    return "\r\n".join([*lines, "", ""]).encode()
