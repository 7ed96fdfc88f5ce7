"""Polls also work where the site is not served by our own ASGI application."""

import pytest

from tests.factories import ConversationFactory
from tests.patience import in_time, until_so
from tests.signaling.live.people import Polling, guest, owner
from tests.signaling.live.servers import serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kind", ["django", "wsgi"])
def test_a_message_arrives(kind):
    """Within a second, and no database connection is held meanwhile but the one that checks."""
    with serving(1, kind=kind) as (server,):
        room = ConversationFactory()
        ada, bob = owner(room).come_in(server), guest(room).come_in(server)
        took = []
        for number in range(3):
            with Polling(bob, server) as polling:
                # The request before may still be closing its own.
                until_so(lambda: server.connections() <= 1, 5, "one connection at most")
                ada.send(server, bob, sid=number)
            assert [message["sid"] for message in polling.answer.messages] == [number]
            took.append(polling.took)
        in_time(sorted(took)[1], 1)
        warnings = server.logged().count("Polls hold a worker each")
        assert warnings == (1 if kind == "wsgi" else 0)


@pytest.mark.parametrize("store", ["db", "cache", "cached_db", "signed_cookies"])
@pytest.mark.parametrize("kind", ["django", "ours"])
def test_a_poll_overwrites_no_session(kind, store):
    """What another page stored while the poll was waiting is there after it."""
    with serving(1, kind=kind, LIVE_SAVES_SESSIONS=store) as (server,):
        room = ConversationFactory()
        ada, bob = owner(room).come_in(server), guest(room).come_in(server)
        bob.done(server, "GET", "/cart?add=tea")
        with Polling(bob, server) as polling:
            assert bob.done(server, "GET", "/cart?add=milk") == ["tea", "milk"]
            ada.send(server, bob, sid=1)
        assert polling.answer.messages
        assert bob.done(server, "GET", "/cart") == ["tea", "milk"]
