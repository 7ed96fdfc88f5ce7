"""What carries hints breaks: messages come within a second nevertheless, and all is well after."""

import pytest
from django.db import connection

from tests.factories import ConversationFactory
from tests.servers.ports import HOST, free_port
from tests.servers.redis import Redis
from tests.signaling.live.people import Person, Polling, guest, owner
from tests.signaling.live.servers import Server, serving, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

#: Seconds that a message may take without a hint.
SOON = 1.0


class Talk:
    """Two people who come in by one server; one of them waits at another."""

    def __init__(self, here: Server, there: Server) -> None:
        room = ConversationFactory()
        self.here, self.there = here, there
        self.ada: Person = owner(room).come_in(here)
        self.bob: Person = guest(room).come_in(there)
        self._sent = 0

    def takes(self) -> float:
        """Return how long a message takes from server to server; it comes once."""
        with Polling(self.bob, self.there) as polling:
            return self.sent_to(polling)

    def sent_to(self, polling: Polling) -> float:
        self._sent += 1
        self.ada.send(self.here, self.bob, sid=self._sent)
        polling.__exit__()
        assert [message["sid"] for message in polling.answer.messages] == [self._sent]
        return polling.took

    def usually_takes(self) -> float:
        """Return the median of three, as the machine may have much else to do."""
        return sorted(self.takes() for _ in range(3))[1]


def is_quiet(server: Server) -> bool:
    """Return whether hints are received again, and nothing queries the database any more."""
    server.until(receiving=True)
    return server.connections() == 0


def test_redis_was_never_there():
    """Without a working hint a site is as fast as one without a broker, and warns once."""
    with serving(2, wakeup=f"redis://{HOST}:{free_port()}") as (here, there):
        assert Talk(here, there).usually_takes() < SOON
        assert there.logged().count("Hints for polls cannot be received") == 1
        assert here.logged().count("Hints for polls cannot be published") == 1


@pytest.mark.redis
def test_redis_stops_and_starts_again(redis: Redis):
    """A poll that waits when Redis ends is answered in time; when it is back, nothing queries."""
    with serving(2, wakeup=redis.url) as (here, there):
        talk = Talk(here, there)
        talk.takes()
        with Polling(talk.bob, there) as polling:
            there.until(receiving=True)
            redis.stop()
            try:
                first = talk.sent_to(polling)
                assert sorted([first, talk.takes(), talk.takes()])[1] < SOON
                there.until(receiving=False)
            finally:
                redis.start()
        wait_until(lambda: is_quiet(there), "the end of the queries")
        assert talk.usually_takes() < SOON


@pytest.mark.redis
def test_redis_hangs(redis: Redis):
    """A Redis that keeps its connections and does not answer is noticed, too."""
    with serving(2, wakeup=redis.url) as (here, there):
        talk = Talk(here, there)
        talk.takes()
        with Polling(talk.bob, there) as polling:
            there.until(receiving=True)
            redis.suspend()
            try:
                first = talk.sent_to(polling)
                assert sorted([first, talk.takes(), talk.takes()])[1] < SOON
                there.until(receiving=False)
            finally:
                redis.resume()
        wait_until(lambda: is_quiet(there), "the end of looking")
        assert talk.usually_takes() < SOON


@pytest.mark.postgresql
def test_listening_is_cut_off():
    """Somebody ends the connection that listens: nothing is missed, and it listens again."""
    with serving(2, wakeup="postgresql") as (here, there):
        talk = Talk(here, there)
        talk.takes()
        with Polling(talk.bob, there) as polling:
            there.until(receiving=True)
            assert _cut_off(there)
            assert talk.sent_to(polling) < 2 * SOON
        wait_until(lambda: is_quiet(there), "the end of the queries")
        assert talk.usually_takes() < SOON


def _cut_off(server: Server) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND query LIKE %s",
            [server.name, "LISTEN %"],
        )
        return len(cursor.fetchall())


def test_a_server_is_killed_while_a_poll_waits():
    """A client that polls another server gets what was sent meanwhile."""
    with serving(2) as (here, there):
        talk = Talk(here, there)
        with Polling(talk.bob, there) as polling:
            there.kill()
        assert polling.error is not None
        talk.ada.send(here, talk.bob, sid="1")
        assert [message["sid"] for message in talk.bob.pull(here).messages] == ["1"]
