"""What an endpoint of webhooks costs: one statement for each write, and none for a read."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.models import Call, OutboxEvent, Session
from talk_calls.services import sessions, sweeper
from talk_calls.signaling import poll
from tests.api.test_budgets import MANY, participants_in_call, with_app_password
from tests.factories import (
    AttendeeFactory,
    SessionFactory,
    UserFactory,
    WebhookEndpointFactory,
)
from tests.ocs_client import OCSAnswer
from tests.times import START

pytestmark = pytest.mark.django_db(transaction=True)

READS = ("list", "room", "rooms", "people", "poll", "ping")
WRITES = ("join", "flags", "leave", "enter", "exit", "rename", "invite")


@pytest.fixture(autouse=True)
def _clock(time_machine):
    """Stop the clock: a request after ten slow seconds would store a ping as well."""
    time_machine.move_to(START, tick=False)


@pytest.fixture
def member():
    attendee = AttendeeFactory(user__username="alice", participant_type=1)
    SessionFactory(attendee=attendee)
    return attendee


def statements(action: Callable[[], object]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        action()
    return [query["sql"] for query in captured]


def measured(member, prefix: str) -> dict[str, int]:
    """Return what each request costs, and the ping of a device; somebody else is in the call."""
    device = with_app_password(member.user, "v4")
    token = member.conversation.token
    call, room = f"call/{token}", f"room/{token}"
    device.post(f"{room}/participants/active")
    invited = UserFactory().username
    mailbox = with_app_password(member.user, "v3")
    requests: Mapping[str, Callable[[], OCSAnswer | None]] = {
        "list": lambda: device.get(call),
        "room": lambda: device.get(room),
        "rooms": lambda: device.get("room"),
        "people": lambda: device.get(f"{room}/participants"),
        "poll": lambda: mailbox.get(f"signaling/{token}"),
        "ping": lambda: _ping(member),
        "join": lambda: device.post(call, {"flags": 7}),
        "flags": lambda: device.put(call, {"flags": 3}),
        "leave": lambda: device.delete(call),
        "enter": lambda: device.post(f"{room}/participants/active"),
        "exit": lambda: device.delete(f"{room}/participants/active"),
        "rename": lambda: device.put(room, {"roomName": prefix}),
        "invite": lambda: device.post(f"{room}/participants", {"newParticipant": invited}),
    }
    return {name: _cost(request) for name, request in requests.items()}


def _cost(request: Callable[[], OCSAnswer | None]) -> int:
    answers = []
    counted = statements(lambda: answers.append(request()))
    assert answers[0] is None or answers[0].http in {200, 201}, answers[0].whole
    return len(counted)


def _ping(member):
    Session.objects.filter(attendee=member).update(last_ping=timezone.now() - timedelta(seconds=15))
    assert sessions.ping(list(member.sessions.all()), now=timezone.now()) >= 1


@pytest.mark.parametrize("size", [1, MANY])
def test_one_statement_for_each_write(member, size, monkeypatch, settings):
    """With 1 and with 1,000 in the call, whatever the number of events."""
    settings.TALK_CALLS = {"MAX_PARTICIPANTS": 2 * MANY}
    monkeypatch.setattr(poll, "POLL_TIME", timedelta(0))
    participants_in_call(member.conversation, size)
    without = measured(member, "without")
    assert not OutboxEvent.objects.exists()
    WebhookEndpointFactory()
    assert measured(member, "with") == {
        name: count + (name in WRITES) for name, count in without.items()
    }
    assert set(without) == {*READS, *WRITES}


def test_the_end_of_a_call(member):
    """Who missed it is one query more, as for receivers of the signal."""
    SessionFactory(attendee=AttendeeFactory(conversation=member.conversation))
    without = _end_of_a_call(member)
    WebhookEndpointFactory()
    more = len(_end_of_a_call(member)) - len(without)
    assert more == 2


def _end_of_a_call(member) -> list[str]:
    device = with_app_password(member.user, "v3")
    path = f"call/{member.conversation.token}"
    device.post(path)
    assert Call.objects.filter(ended_at=None).exists()
    return statements(lambda: device.delete(path))


def test_disabled_endpoints_cost_nothing(member):
    """Nothing is stored for them."""
    WebhookEndpointFactory(is_enabled=False)
    measured(member, "disabled")
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize("size", [1, 50])
def test_a_sweep_asks_once(size):
    """Whether an endpoint wants the ends of expired sessions is one query for all of them."""
    past = timezone.now() - timedelta(days=1)
    for _ in range(size):
        SessionFactory(last_ping=past)
    asked = [
        sql
        for sql in statements(lambda: sweeper.sweep(now=timezone.now()))
        if "talk_calls_webhookendpoint" in sql
    ]
    assert len(asked) == 1
