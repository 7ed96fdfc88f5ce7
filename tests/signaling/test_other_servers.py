"""Polls also work where the site is not served by our own ASGI application."""

import pytest

from tests.factories import ConversationFactory
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
                assert server.connections() <= 1
                ada.send(server, bob, sid=number)
            assert [message["sid"] for message in polling.answer.messages] == [number]
            took.append(polling.took)
        assert sorted(took)[1] < 1
        warnings = server.logged().count("Polls hold a worker each")
        assert warnings == (1 if kind == "wsgi" else 0)
