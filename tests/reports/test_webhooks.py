"""What the admin, commands and monitoring say of endpoints and of what waits for them."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from talk_calls.constants import EventType
from talk_calls.models import AuditEntry, OutboxEvent
from talk_calls.models.webhooks import DisabledReason
from talk_calls.reports import webhooks
from talk_calls.reports.audit import details_text
from talk_calls.webhooks import endpoints
from tests.times import at
from tests.webhook_rows import make_deliveries, make_endpoint

pytestmark = pytest.mark.django_db


def test_addresses_have_no_secrets():
    """Neither a login nor a query is shown."""
    endpoint = make_endpoint(url="https://user:pass@billing.example:8443/talk?key=secret")
    assert webhooks.address(endpoint) == "https://billing.example:8443/talk?…"


@pytest.mark.parametrize(
    ("fields", "state", "text"),
    [
        ({}, "new", "nothing sent yet"),
        ({"last_success_at": at(0)}, "working", "working"),
        ({"failing_since": at(0)}, "failing", "failing since 2021-02-22 06:00:00 CST"),
        ({"is_enabled": False}, "disabled", "disabled"),
        (
            {"is_enabled": False, "disabled_reason": "gone"},
            "disabled",
            "disabled: the receiver answered 410 Gone",
        ),
        (
            {"is_enabled": False, "disabled_reason": "failing", "failing_since": at(0)},
            "disabled",
            "disabled: no attempt has succeeded since 2021-02-22 06:00:00 CST",
        ),
        ({"is_enabled": False, "failing_since": at(0)}, "disabled", "disabled"),
    ],
)
def test_states(fields, state, text):
    """Words for people, and one word for programs."""
    endpoint = make_endpoint(**fields)
    assert (webhooks.state(endpoint), webhooks.state_text(endpoint)) == (state, text)


def test_all_types_have_words():
    """A type that is added to the outbox can be chosen in the admin."""
    named = [value for _, types in webhooks.type_choices() for value, _ in types]
    assert sorted(named) == sorted(EventType)


def test_totals_stop_counting():
    """Counting has a bound, whatever waits."""
    make_deliveries(make_endpoint(), webhooks.MOST_COUNTED + 5)
    make_deliveries(make_endpoint("Quiet"), 2, state="dead")
    busy, quiet = webhooks.endpoints()
    assert (busy.waiting_total, busy.dead_total) == (webhooks.MOST_COUNTED + 1, 0)
    assert (quiet.waiting_total, quiet.dead_total) == (0, 2)
    assert webhooks.count_text(busy.waiting_total) == "1,000+"
    assert webhooks.count_text(quiet.dead_total) == "2"


def test_backlog():
    """Events that are not distributed wait as well; a disabled endpoint waits for nothing."""
    now = timezone.now()
    minute = timedelta(minutes=1)
    make_deliveries(make_endpoint(), 2, at=now - 2 * minute)
    off = make_endpoint("Off", is_enabled=False, disabled_reason="failing")
    make_deliveries(off, 3, at=now - 60 * minute)
    make_deliveries(off, 1, state="dead")
    make_endpoint("Gone", is_enabled=False, disabled_reason=DisabledReason.NOT_IN_SETTINGS)
    failing = make_endpoint("Failing", failing_since=now - 9 * minute)
    OutboxEvent.objects.create(
        conversation_id=1, type="call.ended", at=now, payload={}, for_webhooks=True, created_at=now
    )
    found = webhooks.backlog(now)
    assert (found.waiting, found.dead) == (3, 1)
    assert (found.oldest, found.overdue) == (2 * minute, 2 * minute)
    assert (found.failing, found.given_up) == ([failing], [off])
    assert not found.is_late


def test_what_waits_for_its_next_attempt_is_not_overdue():
    """A receiver that refuses makes events old; that nobody delivers makes them overdue."""
    now = timezone.now()
    endpoint = make_endpoint()
    make_deliveries(endpoint, at=now - timedelta(hours=3))
    assert webhooks.backlog(now).is_late
    endpoint.streams.update(due_at=now + timedelta(minutes=1))
    found = webhooks.backlog(now)
    assert (found.oldest, found.overdue) == (timedelta(hours=3), timedelta())
    assert not found.is_late


def test_a_receiver_that_hangs_does_not_mean_that_nobody_delivers():
    """Its other conversations wait for their turn, until no process is busy with it any more."""
    now = timezone.now()
    endpoint = make_endpoint()
    make_deliveries(endpoint, at=now - timedelta(hours=3))
    endpoint.streams.create(
        conversation_id=2, due_at=now - timedelta(hours=2), claimed_until=now + timedelta(seconds=9)
    )
    assert not webhooks.backlog(now).is_late
    assert webhooks.backlog(now + timedelta(minutes=6)).is_late


def test_backlog_costs_the_same_for_any_number():
    """One statement without endpoints, two with some."""
    counts = []
    for number in (0, 1, 20):
        for each in range(number):
            make_deliveries(make_endpoint(f"{number} {each}"), 2)
        with CaptureQueriesContext(connection) as captured:
            webhooks.backlog(timezone.now())
        counts.append(len(captured))
    assert counts == [1, 2, 2]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        ("No answer in time: 10 s", "Keine rechtzeitige Antwort: 10 s"),
        (
            "ConnectionRefusedError: Connection refused",
            "ConnectionRefusedError: Connection refused",
        ),
        ("HTTP 500", "HTTP 500"),
        ("Refused: : ", "Abgelehnt: : "),
        ("", ""),
    ],
)
def test_errors_in_the_language_of_the_reader(error, text):
    """Our own words are translated; what a library says stays as it is."""
    with translation.override("de"):
        assert webhooks.error_text(error) == text


def test_why_an_endpoint_was_disabled_in_the_language_of_the_reader():
    """On its page, on the start page and in the audit trail."""
    endpoint = make_endpoint()
    endpoints.disable(endpoint, DisabledReason.GONE)
    with translation.override("de"):
        assert webhooks.state_text(endpoint) == ("ausgeschaltet: der Empfänger antwortete 410 Gone")
        assert "Ursache: der Empfänger antwortete 410 Gone" in details_text(
            AuditEntry.objects.get()
        )
