"""``manage.py talk_webhook``: endpoints, what they were sent, and sending it again."""

import pytest
from django.core.management import CommandError

from talk_calls.management.tables import terminal_width
from talk_calls.management.webhook_output import delivery_lines, endpoint_lines
from talk_calls.models import AuditEntry, WebhookDelivery, WebhookEndpoint
from talk_calls.reports import webhooks as reports
from talk_calls.webhooks.requests import Attempt
from tests.webhook_rows import make_deliveries, make_endpoint

pytestmark = pytest.mark.django_db

ADDRESS = "https://billing.example/talk"


def test_add(run):
    """The secret is alone on the last line, and never listed."""
    sentence, secret = run("talk_webhook", "add", "Billing", ADDRESS, "--event", "call.started")
    endpoint = WebhookEndpoint.objects.get()
    assert sentence == "Endpoint 'Billing' was added. Its secret is shown only now:"
    assert secret == endpoint.secret
    assert endpoint.event_types == ["call.started"]
    made = run("talk_webhook", "add", "Other", ADDRESS, "--json")
    assert made == {"name": "Other", "secret": WebhookEndpoint.objects.get(name="Other").secret}
    assert "whsec_" not in "\n".join(run("talk_webhook", "list"))
    assert {entry.source for entry in AuditEntry.objects.all()} == {"command"}


@pytest.mark.parametrize(
    ("name", "address", "error"),
    [
        ("Taken", ADDRESS, "There is an endpoint of this name already"),
        ("Billing", "http://billing.example", "has to begin with https://"),
        ("", ADDRESS, "A name needs something that can be seen"),
    ],
)
def test_what_no_endpoint_may_have(run, name, address, error):
    """One line says what is wrong."""
    make_endpoint("Taken")
    with pytest.raises(CommandError, match=error) as raised:
        run("talk_webhook", "add", name, address)
    assert "\n" not in str(raised.value)


def test_list(run):
    """State and counts; data for programs."""
    assert run("talk_webhook", "list") == ["There are no endpoints."]
    endpoint = make_endpoint(url=f"{ADDRESS}?key=secret")
    make_deliveries(endpoint, 2)
    make_deliveries(endpoint, 1, state="dead")
    [facts] = run("talk_webhook", "list", "--json")["list"]
    assert {**facts, "id": 0, "created": ""} == {
        "id": 0,
        "name": "Billing",
        "address": f"{ADDRESS}?…",
        "event_types": [],
        "state": "new",
        "disabled_reason": "",
        "failing_since": None,
        "last_success": None,
        "waiting": 2,
        "dead": 1,
        "from_settings": False,
        "created": "",
    }
    make_endpoint("Other")
    assert run("talk_webhook", "list", "--limit=1")[-1].startswith("And 1 more;")
    assert run("talk_webhook", "list", "--limit=1", "--json")["more"] == 1


def test_enable_disable_rotate_remove(run):
    """Each says what it did."""
    endpoint = make_endpoint()
    assert run("talk_webhook", "disable", "Billing", "--reason", "Moves") == ["Disabled."]
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    assert AuditEntry.objects.get().reason == "Moves"
    enabled = {"name": "Billing", "done": "enabled"}
    assert run("talk_webhook", "enable", "Billing", "--json") == enabled
    sentence, secret = run("talk_webhook", "rotate", "Billing")
    endpoint.refresh_from_db()
    assert endpoint.is_enabled
    assert (sentence, secret) == (
        "New secret of 'Billing'; it is shown only now:",
        endpoint.secret,
    )
    with pytest.raises(CommandError, match="Nothing was deleted"):
        run("talk_webhook", "remove", "Billing")
    assert run("talk_webhook", "remove", "Billing", "--yes") == ["The endpoint was deleted."]
    assert not WebhookEndpoint.objects.exists()


def test_a_name_that_there_is_not(run):
    """A similar one is suggested."""
    make_endpoint()
    with pytest.raises(CommandError, match=r"no endpoint 'Biling'[\s\S]*'Billing'"):
        run("talk_webhook", "enable", "Biling")
    with pytest.raises(CommandError, match="talk_webhook list"):
        run("talk_webhook", "deliveries", "--endpoint", "x")


def test_endpoints_of_the_settings(run):
    """What is in the settings is changed there."""
    make_endpoint(is_from_settings=True)
    with pytest.raises(CommandError, match="Change it there"):
        run("talk_webhook", "rotate", "Billing")


def test_secret(run):
    """One for the settings, and nothing is stored."""
    [secret] = run("talk_webhook", "secret")
    assert secret.startswith("whsec_")
    assert run("talk_webhook", "secret", "--json")["secret"] != secret
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize(
    ("attempt", "lines"),
    [
        (
            Attempt(200, "thanks", "", 0.25),
            ["The receiver took it.", "Status: 200", "Took:   0.25 s", "Error:  –", "", "thanks"],
        ),
        (
            Attempt(None, "", "No answer in time: 10 s", 10.0),
            [
                "The receiver did not take it.",
                "Status: –",
                "Took:   10.00 s",
                "Error:  No answer in time: 10 s",
            ],
        ),
    ],
)
def test_test(run, monkeypatch, capsys, attempt, lines):
    """What came back; the exit code is for scripts."""
    monkeypatch.setattr("talk_calls.webhooks.testing.send_test", lambda endpoint: attempt)
    make_endpoint()
    if attempt.is_success:
        assert run("talk_webhook", "test", "Billing") == lines
        assert run("talk_webhook", "test", "Billing", "--json")["status"] == 200
        return
    with pytest.raises(SystemExit) as left:
        run("talk_webhook", "test", "Billing")
    assert left.value.code == 1


def test_deliveries(run):
    """The newest first; of one endpoint, or those that were given up."""
    assert run("talk_webhook", "deliveries") == ["Nothing was sent."]
    endpoint, other = make_endpoint(), make_endpoint("Other")
    [dead] = make_deliveries(endpoint, state="dead", error="HTTP 404", status_code=404, attempts=8)
    make_deliveries(other)
    found = run("talk_webhook", "deliveries", "--json")["list"]
    assert [each["endpoint"] for each in found] == ["Other", "Billing"]
    [facts] = run("talk_webhook", "deliveries", "--dead", "--json")["list"]
    assert facts["event"] == str(dead.event.uid)
    wanted = ("type", "conversation", "number", "state", "attempts", "status", "error")
    assert [facts[name] for name in wanted] == [
        *("call.started", "weekly", 1, "dead", 8, 404),
        "HTTP 404",
    ]
    assert len(run("talk_webhook", "deliveries", "--endpoint", "Other")) == 3
    assert run("talk_webhook", "deliveries", "--limit=1")[-1].startswith("And 1 more;")


def test_replay(run):
    """By number, or all that were given up; nothing if one of the numbers is wrong."""
    endpoint, other = make_endpoint(), make_endpoint("Other")
    first, second = make_deliveries(endpoint, 2, state="dead")
    make_deliveries(other, 1, state="dead")
    with pytest.raises(CommandError, match="There is no delivery 999999"):
        run("talk_webhook", "replay", str(first.pk), "999999")
    with pytest.raises(CommandError, match="What is to be sent again"):
        run("talk_webhook", "replay")
    with pytest.raises(CommandError, match="What is to be sent again"):
        run("talk_webhook", "replay", str(first.pk), "--dead")
    assert WebhookDelivery.objects.dead().count() == 3
    assert run("talk_webhook", "replay", str(first.pk)) == ["To be sent again: 1."]
    replayed = run("talk_webhook", "replay", "--dead", "--endpoint", "Billing", "--json")
    assert replayed == {"replayed": 1}
    second.refresh_from_db()
    assert second.state == "pending"
    assert run("talk_webhook", "replay", "--dead") == ["To be sent again: 1."]


@pytest.mark.parametrize("width", [80, 200])
def test_tables_fit(width):
    """On a narrow terminal something is left out, but no name, number and token."""
    endpoint = make_endpoint("Accounting of the northern branch", failing_since=None)
    make_deliveries(endpoint, 3, state="dead", error="No answer in time: 10 s", attempts=12)
    token = terminal_width.set(width)
    try:
        tables = endpoint_lines(reports.endpoints()), delivery_lines(reports.deliveries())
    finally:
        terminal_width.reset(token)
    for lines in tables:
        rows = [*lines, ""]
        assert max(map(len, rows[: rows.index("")])) <= width
    assert "Accounting of the northern branch" in "\n".join(tables[0])
    assert all("weekly" in line for line in tables[1][2:5])
