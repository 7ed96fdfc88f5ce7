"""How many SQL statements a request of a signaling server costs, with 1 and with 1,000 people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.host.actors import GUEST, Actor
from talk_calls.models import Session
from talk_calls.signaling import tickets
from tests.api.test_budgets import MANY, participants_in_call
from tests.factories import AttendeeFactory, GuestFactory, SessionFactory
from tests.hpb.servers import FakeServer
from tests.ocs_client import OCSClient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("external")]

#: A join is a look-up and a ping, and notes what the server knows of the session, and that it has
#: to be told that it is in the call. A leave is a look-up and what leaving the conversation costs,
#: with the message about it.
BUDGETS = {"auth": 1, "auth of a guest": 0, "join": 4, "join again": 3, "leave": 13, "gone": 1}


def cost(request: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert request()["type"] != "error"
    return len(captured)


@pytest.fixture
def member():
    return AttendeeFactory(user__username="alice")


def costs(member) -> dict[str, int]:
    server, now = FakeServer(), timezone.now()
    old = now - timedelta(seconds=20)
    session = SessionFactory(attendee=member, in_call=7, last_ping=old)
    token = member.conversation.token
    ticket = tickets.ticket(Actor(member.user), now)
    room = (token, session.session_id, "alice")
    return {
        "auth": cost(lambda: server.auth("alice", ticket)),
        "auth of a guest": cost(lambda: server.auth(None, tickets.ticket(GUEST, now))),
        "join": cost(lambda: server.room(*room)),
        "join again": cost(lambda: server.room(*room)),
        "leave": cost(lambda: server.room(*room, action="leave")),
        "gone": cost(lambda: server.room(*room, action="leave")),
    }


def test_requests_stay_within_their_budgets(member):
    """The same for 1 and for 1,000 people in the call."""
    participants_in_call(member.conversation, 1)
    with_one = costs(member)
    participants_in_call(member.conversation, MANY - 1)
    assert costs(member) == with_one
    beyond = {name: count for name, count in with_one.items() if count > BUDGETS[name]}
    assert beyond == {}


@pytest.mark.parametrize("size", [1, 200, MANY])
def test_a_ping_is_one_statement(member, size):
    """However many sessions it lists."""
    participants_in_call(member.conversation, size)
    session_ids = list(Session.objects.values_list("session_id", flat=True))
    assert len(session_ids) == size
    assert cost(lambda: FakeServer().ping(*session_ids)) == 1


def test_a_ping_that_lists_others_is_two(member):
    """It is looked whether those that were not stored timed out."""
    participants_in_call(member.conversation, 1)
    [session_id] = Session.objects.values_list("session_id", flat=True)
    assert cost(lambda: FakeServer().ping(session_id, "x" * 512)) == 2


def test_settings_and_capabilities_cost_little(settings, external, member):
    """Settings look for the server of a running call where there are several."""
    guest = SessionFactory(attendee=GuestFactory(conversation=member.conversation))
    assert guest
    device = OCSClient()

    def request(path: str, **data: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            device.request("get", path, data)
        return len(captured)

    token = member.conversation.token
    request("signaling/settings")  # makes the key
    with_external = request("signaling/settings", token=token)
    settings.TALK_CALLS = {}
    internal = request("signaling/settings", token=token)
    assert with_external == internal
    two = [*external["SERVERS"], {"url": "https://b.example.org", "secret": "s" * 16}]
    settings.TALK_CALLS = {"SIGNALING": {**external, "SERVERS": two}}
    request("signaling/settings")  # reads the key
    assert request("signaling/settings", token=token) == internal + 1
