"""The page of metrics: what it says after some requests."""

import re
import subprocess
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone

from talk_calls.metrics import database, instruments
from talk_calls.models import Call, OutboxEvent, Session
from talk_calls.services import sweeper
from talk_calls.signaling import hub, wakeup
from tests.factories import AttendeeFactory, ConversationFactory, OutboxEventFactory, SessionFactory
from tests.metrics.site import TOKEN, page, values
from tests.servers.programs import find_program

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("measured")]

SCENARIO = """\
talk_calls_calls 1.0
talk_calls_database_up 1.0
talk_calls_devices 1.0
talk_calls_ended_total{reason="left"} 1.0
talk_calls_hints_cut_off_total 0.0
talk_calls_hints_dropped_total 0.0
talk_calls_hpb_lag_seconds 0.0
talk_calls_hpb_pending 0.0
talk_calls_joins_total{actor_type="guests"} 1.0
talk_calls_joins_total{actor_type="users"} 2.0
talk_calls_leaves_total{reason="left"} 2.0
talk_calls_people 1.0
talk_calls_pings_total 0.0
talk_calls_processes 1.0
talk_calls_processes_cut_off 0.0
talk_calls_refusals_total{method="GET",reason="UnknownRoute",route="unknown-route",version=""} 1.0
talk_calls_refusals_total{method="POST",reason="NoSuchConversation",route="call-detail",version="v4"} 1.0
talk_calls_refusals_total{method="POST",reason="NotAuthenticated",route="room-list",version="v4"} 1.0
talk_calls_responses_total{method="DELETE",route="call-detail",status="200",version="v4"} 2.0
talk_calls_responses_total{method="GET",route="call-detail",status="200",version="v4"} 1.0
talk_calls_responses_total{method="GET",route="unknown-route",status="404",version=""} 1.0
talk_calls_responses_total{method="POST",route="call-detail",status="200",version="v4"} 3.0
talk_calls_responses_total{method="POST",route="call-detail",status="404",version="v4"} 1.0
talk_calls_responses_total{method="POST",route="room-active-session",status="200",version="v4"} 1.0
talk_calls_responses_total{method="POST",route="room-list",status="401",version="v4"} 1.0
talk_calls_started_total 2.0
talk_calls_sweeper_age_seconds 0.0
talk_calls_timed_out_calls 0.0
talk_calls_waiting_polls{topic="chat"} 0.0
talk_calls_waiting_polls{topic="signaling"} 0.0
talk_calls_webhook_dead 0.0
talk_calls_webhook_failing_endpoints 0.0
talk_calls_webhook_oldest_seconds 0.0
talk_calls_webhook_overdue_seconds 0.0
talk_calls_webhook_waiting 0.0
"""  # noqa: E501 -- as they are


def test_a_scenario(device):
    """The whole page, but for histograms and what is of this machine."""
    conversation = ConversationFactory(type=3)
    ada = SessionFactory(attendee=AttendeeFactory(conversation=conversation)).attendee
    path = f"call/{conversation.token}"
    user, guest = device(ada.user, version="v4"), device(version="v4")
    guest.post(f"room/{conversation.token}/participants/active")
    user.post(path)
    guest.post(path)
    user.get(path)
    user.delete(path)
    guest.delete(path)
    user.post(path)
    user.post("call/nobodyhere")
    device(version="v4").post("room", {"roomType": 3})
    user.get("nonsense")
    text = page()
    left_out = ("#", "talk_calls_request_", "talk_calls_open_files_limit")
    there = [line for line in text.splitlines() if not line.startswith(left_out)]
    assert "\n".join(sorted(there)) + "\n" == SCENARIO
    counted = values(text)
    labels = '{method="POST",route="call-detail",version="v4"}'
    assert counted[f"talk_calls_request_seconds_count{labels}"] == 4
    assert 0 < counted[f"talk_calls_request_seconds_sum{labels}"] < 60
    assert 8 < counted[f"talk_calls_request_statements_sum{labels}"] < 60
    assert not re.search(f"{conversation.token}|nobodyhere|nonsense|{ada.user.username}", text)


def test_statuses_are_those_of_v2(device):
    """Under /ocs/v1.php nearly everything is 200, and nothing could be told from it."""
    device(entry=1, version="v3").get("room/nobodyhere")
    labels = 'method="GET",route="room-detail",status="404",version="v3"'
    assert values(page())[f"talk_calls_responses_total{{{labels}}}"] == 1


def test_unexpected_errors(device, monkeypatch):
    """They are responses with status 500, and no refusals."""
    monkeypatch.setattr("talk_calls.api.views.rooms.room_data", None)
    member = AttendeeFactory()
    client = device(member.user, version="v4")
    client.browser.raise_request_exception = False
    client.get(f"room/{member.conversation.token}")
    found = values(page())
    labels = 'method="GET",route="room-detail",status="500",version="v4"'
    assert found[f"talk_calls_responses_total{{{labels}}}"] == 1
    assert not [name for name in found if name.startswith("talk_calls_refusals")]


def test_methods_have_a_bound():
    """A client may make up methods."""
    for method in ("BREW", "STEEP", "GET"):
        Client().generic(method, "/ocs/v2.php/apps/spreed/api/v4/room")
    responses = [name for name in values(page()) if name.startswith("talk_calls_responses")]
    methods = {re.search('method="(.*?)"', name).group(1) for name in responses}
    assert methods == {"GET", "other"}


def test_what_waits():
    """A poll is told as long as it waits, by its topic."""
    waiters = [hub.Waiter(1, 1, 1), hub.Waiter(1, None, 1, topic=hub.Topic.CHAT, owner=1)]
    for waiter in waiters:
        hub.add(waiter)
    during = values(page())
    for waiter in waiters:
        hub.remove(waiter)
    after = values(page())
    for topic in ("signaling", "chat"):
        name = f'talk_calls_waiting_polls{{topic="{topic}"}}'
        assert (during[name], after[name]) == (1, 0)


def test_polls_are_counted_when_they_are_answered(device):
    """A poll is a ping; the placeholder of one that waits is no response."""
    member = AttendeeFactory()
    client = device(member.user, version="v3")
    client.post(f"room/{member.conversation.token}/participants/active")
    for _ in range(2):  # the first tells who is here, the second would wait
        Session.objects.update(last_ping=timezone.now() - timedelta(seconds=28))
        client.get(f"signaling/{member.conversation.token}")
    found = values(page())
    labels = 'method="GET",route="signaling-detail",status="200",version="v3"'
    assert found[f"talk_calls_responses_total{{{labels}}}"] == 2
    assert found["talk_calls_pings_total"] == 2


def test_hints():
    """Those that are dropped count, and each time that none can be received."""
    wakeup.hint_dropped.send(None)
    wakeup.hints_cut_off.send(None)
    wakeup.hints_cut_off.send(None)
    found = values(page())
    assert found["talk_calls_hints_dropped_total"] == 1
    assert found["talk_calls_hints_cut_off_total"] == 2


def test_what_waits_for_the_sweeper():
    """A call of people who timed out, and since when it waits; nothing after a sweep."""
    session = SessionFactory(in_call=7, last_ping=timezone.now() - timedelta(seconds=90))
    Call.objects.create(conversation=session.conversation, started_at=session.last_ping)
    found = values(page())
    assert found["talk_calls_timed_out_calls"] == 1
    assert found["talk_calls_calls"] == 0
    assert 60 <= found["talk_calls_sweeper_age_seconds"] < 90
    sweeper.sweep()
    found = values(page())
    assert found["talk_calls_timed_out_calls"] == 0
    assert found["talk_calls_sweeper_age_seconds"] == 0
    assert found['talk_calls_leaves_total{reason="timeout"}'] == 1
    assert found['talk_calls_ended_total{reason="timeout"}'] == 1


def test_events_that_were_not_sent_wait_for_the_sweeper():
    """Their process was killed."""
    yesterday = timezone.now() - timedelta(days=1)
    OutboxEventFactory(created_at=yesterday)
    assert 86_000 < values(page())["talk_calls_sweeper_age_seconds"] < 87_000


def test_counting_stores_no_events(device):
    """Receivers of ``call_started`` cost statements; counting does not."""
    member = SessionFactory().attendee
    device(member.user).post(f"call/{member.conversation.token}")
    assert instruments.CALLS_STARTED._value.get() == 1
    assert not OutboxEvent.objects.exists()


def test_a_rollback_counts_nothing(device, monkeypatch):
    """What did not happen is not counted."""
    monkeypatch.setattr("talk_calls.services.events.has_receivers", lambda kind: 1 / 0)
    member = SessionFactory().attendee
    client = device(member.user)
    client.browser.raise_request_exception = False
    assert client.post(f"call/{member.conversation.token}").http == 500
    assert instruments.CALLS_STARTED._value.get() == 0


def test_the_database_is_asked_once_in_a_while(django_assert_num_queries):
    """Whoever asks often gets the same answer for some seconds."""
    page()
    with django_assert_num_queries(0):
        Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})


def test_without_the_database(monkeypatch):
    """The page says that it is away, and has all that this process knows."""

    def fail(now):
        raise OperationalError

    monkeypatch.setattr(database, "live_totals", fail)
    found = values(page())
    assert found["talk_calls_database_up"] == 0
    assert "talk_calls_calls" not in found
    assert found["talk_calls_processes"] == 1


def test_formats():
    """Prometheus asks for OpenMetrics, a browser for anything."""
    accept = "application/openmetrics-text;version=1.0.0"
    assert page(Accept=accept).endswith("# EOF\n")
    assert "# EOF" not in page(Accept="*/*")


@pytest.mark.server("promtool")
def test_prometheus_reads_it(device):
    """By its own tool, which also knows how metrics are named."""
    member = SessionFactory().attendee
    device(member.user).post(f"call/{member.conversation.token}")
    ran = subprocess.run(
        [str(find_program("promtool")), "check", "metrics"],
        input=page(),
        capture_output=True,
        check=False,
        text=True,
    )
    assert (ran.returncode, ran.stdout + ran.stderr) == (0, "")
