"""The pages of webhooks: endpoints, what they were sent, and what operators do with them."""

import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from talk_calls.admin import webhook_deliveries
from talk_calls.models import AuditEntry, WebhookDelivery, WebhookEndpoint
from talk_calls.webhooks import endpoints
from talk_calls.webhooks.requests import Attempt
from tests.factories import ConversationFactory, UserFactory
from tests.webhook_rows import make_deliveries, make_endpoint

pytestmark = pytest.mark.django_db

EVIL = "<script>alert('&')</script>"
SECRET = re.compile(r"whsec_[\w+/=]+")


def page(model: str, name: str, *arguments: object) -> str:
    return reverse(f"admin:talk_calls_{model}_{name}", args=arguments)


ENDPOINTS = "/admin/talk_calls/webhookendpoint/"
DELIVERIES = "/admin/talk_calls/webhookdelivery/"


def html(client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def statements(client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        html(client, path)
    return len(captured)


def act(client, path: str, action: str, *objects, **fields: str):
    """Confirm an action; the answer is the page that follows."""
    data = {"action": action, "_selected_action": [each.pk for each in objects]}
    confirmed = {"confirmed": "yes", "reason": "The receiver is back", **fields}
    return client.post(path, data | confirmed, follow=True)


@pytest.fixture
def staff(client):
    """Return a function that logs in somebody with permissions of this app."""

    def log_in(*codenames: str):
        user = UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(user)
        return client

    return log_in


# --- lists -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [ENDPOINTS, DELIVERIES])
def test_lists_cost_the_same_for_any_number_of_rows(admin_client, path):
    """One row or a thousand."""
    make_deliveries(make_endpoint())
    html(admin_client, path)
    few = statements(admin_client, path)
    for number in range(20):
        make_deliveries(make_endpoint(f"Endpoint {number}"), 50, state="dead")
    assert statements(admin_client, path) == few <= 8


def test_the_list_of_endpoints(admin_client):
    """Address without secrets, state in words, counts that lead to what is counted."""
    endpoint = make_endpoint(url="https://billing.example/talk?key=k3y")
    make_deliveries(endpoint, 2)
    make_deliveries(endpoint, 3, state="dead")
    make_endpoint("Off", is_enabled=False, disabled_reason="gone")
    text = html(admin_client, ENDPOINTS)
    assert "https://billing.example/talk?…" in text
    assert "k3y" not in text
    assert "nothing sent yet" in text
    assert "disabled: the receiver answered 410 Gone" in text
    links = re.findall(r'href="(/admin/talk_calls/webhookdelivery/[^"]*)">(\d+)<', text)
    counts = {number: html(admin_client, link.replace("&amp;", "&")) for link, number in links}
    assert counts.keys() == {"2", "3"}
    for number, listed in counts.items():
        assert f"{number} webhook deliveries" in listed


def test_the_list_of_deliveries_is_bounded(admin_client, monkeypatch):
    """Nobody waits until millions of rows are counted."""
    monkeypatch.setattr(webhook_deliveries, "MAX_LISTED", 150)
    make_deliveries(make_endpoint(), 160)
    assert "150 webhook deliveries" in html(admin_client, DELIVERIES)
    assert html(admin_client, f"{DELIVERIES}?p=2").count('class="action-select"') == 50
    with CaptureQueriesContext(connection) as captured:
        html(admin_client, DELIVERIES)
    counting = [each["sql"] for each in captured if "COUNT" in each["sql"]]
    assert counting
    assert all("LIMIT" in sql for sql in counting)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=weekly", 4),
        ("q=week", 0),
        ("q=WEEKLY", 0),
        ("state__exact=dead", 3),
        ("type=call.started", 4),
        ("type=call.ended", 0),
        ("type=nonsense", 4),
    ],
)
def test_deliveries_are_found(admin_client, query, found):
    """By state, by type, and by the whole token of a conversation."""
    endpoint = make_endpoint()
    make_deliveries(endpoint, 3, state="dead")
    make_deliveries(endpoint)
    answer = admin_client.get(f"{DELIVERIES}?{query}", follow=True).content.decode()
    assert answer.count('class="action-select"') == found


def test_deliveries_of_an_endpoint(admin_client):
    """The endpoint is a filter, too."""
    make_deliveries(make_endpoint(), 2)
    other = make_endpoint("Other")
    make_deliveries(other, 3)
    text = html(admin_client, f"{DELIVERIES}?endpoint__id__exact={other.pk}")
    assert text.count('class="action-select"') == 3


# --- pages -------------------------------------------------------------------------------------


def test_pages_cost_the_same_for_any_number_of_rows(admin_client):
    """An endpoint's page has its latest deliveries."""
    endpoint = make_endpoint()
    [first] = make_deliveries(endpoint)
    paths = [f"{ENDPOINTS}{endpoint.pk}/change/", f"{DELIVERIES}{first.pk}/change/"]
    for path in paths:  # Django learns its content types once
        html(admin_client, path)
    few = [statements(admin_client, path) for path in paths]
    make_deliveries(endpoint, 1000, state="dead")
    assert [statements(admin_client, path) for path in paths] == few
    assert html(admin_client, paths[0]).count("/webhookdelivery/") < 30


def test_what_receivers_answer_is_text(admin_client):
    """Nothing that a receiver, a name or an event says becomes part of a page."""
    endpoint = make_endpoint(EVIL, url="https://evil.example/talk")
    [delivery] = make_deliveries(
        endpoint, state="dead", response=EVIL, error=EVIL, status_code=500, attempts=8
    )
    delivery.event.payload = {"name": EVIL}
    delivery.event.save()
    for path in (
        ENDPOINTS,
        DELIVERIES,
        f"{ENDPOINTS}{endpoint.pk}/change/",
        f"{DELIVERIES}{delivery.pk}/change/",
    ):
        text = html(admin_client, path)
        assert EVIL not in text
        assert "&lt;script&gt;" in text


def test_a_deliverys_page(admin_client):
    """It has the body as it is sent, and what came of it."""
    [delivery] = make_deliveries(
        make_endpoint(), state="dead", response="No such account", error="HTTP 404", duration=0.25
    )
    text = html(admin_client, f"{DELIVERIES}{delivery.pk}/change/")
    for shown in (str(delivery.event.uid), "&quot;call_id&quot;: 0", "No such account", "0.25 s"):
        assert shown in text
    assert "HTTP 404" in text
    breadcrumbs = text.partition('class="breadcrumbs"')[2].partition("</div>")[0]
    assert f"{delivery.event.type} {delivery.number} → " in breadcrumbs


def test_a_list_of_nothing(admin_client):
    """There is nothing to select, and nothing more to show."""
    text = html(admin_client, DELIVERIES)
    assert 'name="action"' not in text
    assert "Show all" not in text
    make_deliveries(make_endpoint())
    assert 'name="action"' in html(admin_client, DELIVERIES)
    assert "Show all" in html(admin_client, f"{DELIVERIES}?state__exact=dead")


def test_no_secret_is_on_any_page(admin_client):
    """It is shown when it is made, and never again."""
    endpoint = make_endpoint()
    make_deliveries(endpoint)
    for path in (ENDPOINTS, DELIVERIES, f"{ENDPOINTS}{endpoint.pk}/change/"):
        assert "whsec_" not in html(admin_client, path)


def test_conversations_lead_to_their_webhooks(admin_client, staff):
    """For whoever may see them; it costs no statement."""
    room = ConversationFactory(token="weekly")
    path = f"/admin/talk_calls/conversation/{room.pk}/change/"
    assert f"{DELIVERIES}?q=weekly" in html(admin_client, path)
    assert DELIVERIES not in html(staff("view_conversation"), path)


# --- endpoints are added and changed -----------------------------------------------------------


FORM = {"name": "Billing", "url": "https://billing.example/talk"}


def test_add(admin_client):
    """The secret is shown once, and the audit trail knows who did it."""
    data = FORM | {"event_types": ["call.started", "call.ended"]}
    answer = admin_client.post(f"{ENDPOINTS}add/", data, follow=True).content.decode()
    endpoint = WebhookEndpoint.objects.get()
    assert SECRET.findall(answer) == [endpoint.secret]
    assert endpoint.event_types == ["call.ended", "call.started"]
    assert "whsec_" not in html(admin_client, f"{ENDPOINTS}{endpoint.pk}/change/")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.source, entry.actor_name) == ("endpoint_created", "admin", "admin")
    assert entry.details == {
        "endpoint": "Billing",
        "address": "https://billing.example/talk",
        "event_types": "call.ended, call.started",
    }


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"url": "ftp://billing.example"}, "has to begin with https://"),
        ({"url": "http://billing.example"}, "has to begin with https://"),
        ({"url": "https://bob:secret@billing.example"}, "may have no user and password"),
        ({"url": ""}, "This field is required"),
        ({"name": "Taken"}, "There is an endpoint of this name already"),
        ({"name": " "}, "This field is required"),
        ({"event_types": ["nonsense"]}, "nonsense is not one of the available choices"),
    ],
)
def test_what_no_endpoint_may_have(admin_client, fields, error):
    """The form says what is wrong, and nothing is stored."""
    make_endpoint("Taken")
    text = admin_client.post(f"{ENDPOINTS}add/", FORM | fields).content.decode()
    assert error in text
    assert text.count('class="errorlist"') == 1  # and not twice in other words
    assert WebhookEndpoint.objects.count() == 1
    assert not AuditEntry.objects.exists()


def test_change(admin_client):
    """Groups of types are ticked, and stay what they are if nobody touches them."""
    endpoint = make_endpoint(event_types=["call.*"])
    path = f"{ENDPOINTS}{endpoint.pk}/change/"
    ticked = re.findall(r'value="([\w.]+)"[^>]*checked', html(admin_client, path))
    assert ticked[:2] == ["call.started", "call.ended"]
    admin_client.post(path, FORM | {"name": "Invoices", "event_types": ticked})
    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.event_types) == ("Invoices", ["call.*"])
    assert AuditEntry.objects.get().details == {
        "endpoint": "Billing",
        "name": {"before": "Billing", "after": "Invoices"},
    }
    admin_client.post(path, FORM | {"event_types": ["moderation"]})
    endpoint.refresh_from_db()
    assert endpoint.event_types == ["moderation"]


def test_a_name_that_is_taken_after_the_form_was_checked(admin_client, monkeypatch):
    """It is said like any other refusal."""

    def check(*, name: str, **others: object) -> str:
        make_endpoint(name)
        return name

    monkeypatch.setattr(endpoints, "check", check)
    text = admin_client.post(f"{ENDPOINTS}add/", FORM, follow=True).content.decode()
    assert "There is an endpoint of this name already." in text


def test_endpoints_of_the_settings_are_read_only(admin_client):
    """They can be disabled and tested, but nothing of them is changed here."""
    endpoint = make_endpoint(is_from_settings=True, secret="")
    path = f"{ENDPOINTS}{endpoint.pk}/change/"
    text = html(admin_client, path)
    assert "the settings" in text
    assert 'name="url"' not in text
    offered = re.findall(r'name="action" value="(\w+)"', text)
    assert offered == ["send_test", "disable_endpoint"]
    assert admin_client.post(path, FORM | {"name": "Mine"}).status_code == 403
    for action in ("rotate_secret", "delete_endpoint"):
        answer = act(admin_client, ENDPOINTS, action, endpoint).content.decode()
        assert "The endpoint is in the setting WEBHOOKS" in answer
    assert not AuditEntry.objects.exists()


# --- actions -----------------------------------------------------------------------------------


def test_disable_and_enable(admin_client):
    """With the reason in the trail."""
    endpoint = make_endpoint()
    act(admin_client, ENDPOINTS, "disable_endpoint", endpoint)
    endpoint.refresh_from_db()
    assert not endpoint.is_enabled
    act(admin_client, ENDPOINTS, "enable_endpoint", endpoint)
    endpoint.refresh_from_db()
    assert endpoint.is_enabled
    latest, first = AuditEntry.objects.all()
    assert first.details == {"endpoint": "Billing", "enabled": {"before": True, "after": False}}
    assert (first.action, first.reason) == ("endpoint_changed", "The receiver is back")
    assert latest.details["enabled"] == {"before": False, "after": True}


def test_rotate(admin_client):
    """The new secret is shown once; the old one is not."""
    endpoint = make_endpoint()
    answer = act(admin_client, ENDPOINTS, "rotate_secret", endpoint).content.decode()
    old = endpoint.secret
    endpoint.refresh_from_db()
    assert SECRET.findall(answer) == [endpoint.secret]
    assert endpoint.secret != old == endpoint.previous_secret
    assert "whsec_" not in html(admin_client, ENDPOINTS)
    assert AuditEntry.objects.get().action == "secret_rotated"


def test_delete(admin_client):
    """With what waits for it; Django's own way is not offered."""
    endpoint = make_endpoint()
    make_deliveries(endpoint, 2)
    assert admin_client.get(f"{ENDPOINTS}{endpoint.pk}/delete/").status_code == 403
    act(admin_client, ENDPOINTS, "delete_endpoint", endpoint)
    assert not WebhookEndpoint.objects.exists()
    assert not WebhookDelivery.objects.exists()
    assert AuditEntry.objects.get().details["endpoint"] == "Billing"


def test_replay_of_dead_letters(admin_client):
    """All of an endpoint, and none of others."""
    endpoint, other = make_endpoint(), make_endpoint("Other")
    make_deliveries(endpoint, 3, state="dead")
    make_deliveries(endpoint, 1, state="delivered", delivered_at=timezone.now())
    make_deliveries(other, 2, state="dead")
    act(admin_client, ENDPOINTS, "replay_dead", endpoint)
    states = WebhookDelivery.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == [*["pending"] * 3, "delivered", "dead", "dead"]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.details) == ("events_replayed", {"deliveries": 3})


def test_replay_of_one(admin_client):
    """From its page, and a hundred at most from the list."""
    endpoint = make_endpoint()
    rows = make_deliveries(endpoint, 101, state="dead")
    [delivered] = make_deliveries(endpoint, 1, state="delivered")
    text = html(admin_client, f"{DELIVERIES}{delivered.pk}/change/")
    assert 'value="replay"' in text
    act(admin_client, DELIVERIES, "replay", delivered)
    delivered.refresh_from_db()
    assert delivered.state == "pending"
    answer = act(admin_client, DELIVERIES, "replay", *rows).content.decode()
    assert "Select at most 100 at once." in answer
    act(admin_client, DELIVERIES, "replay", *rows[:100])
    assert WebhookDelivery.objects.dead().count() == 1


@pytest.mark.parametrize(
    ("attempt", "shown"),
    [
        (Attempt(200, "<b>thanks</b>", "", 0.25), "The receiver took it."),
        (Attempt(500, "<b>no</b>", "HTTP 500", 0.25), "The receiver did not take it."),
        (Attempt(None, "", "No answer in time: 10 s", 10.0), "No answer in time: 10 s"),
    ],
)
def test_send_a_test(admin_client, monkeypatch, attempt, shown):
    """What came back is shown as text, and needs no reason."""
    monkeypatch.setattr("talk_calls.webhooks.testing.send_test", lambda endpoint: attempt)
    data = {"action": "send_test", "_selected_action": [make_endpoint().pk]}
    text = admin_client.post(ENDPOINTS, data).content.decode()
    assert shown in text
    assert "<b>" not in text.partition("<main")[2]
    endpoints = [make_endpoint(f"Endpoint {number}").pk for number in range(6)]
    many = admin_client.post(ENDPOINTS, data | {"_selected_action": endpoints}, follow=True)
    assert "Select at most 5 at once." in many.content.decode()


# --- permissions -------------------------------------------------------------------------------

ACTIONS = {
    "send_test": "change_webhookendpoint",
    "disable_endpoint": "change_webhookendpoint",
    "rotate_secret": "change_webhookendpoint",
    "replay_dead": "replay_webhookdelivery",
    "delete_endpoint": "delete_webhookendpoint",
}


@pytest.mark.parametrize("action", ACTIONS)
def test_actions_need_their_permission(staff, monkeypatch, action):
    """Whoever has every other one is refused, and sees no button."""
    monkeypatch.setattr("talk_calls.webhooks.testing.send_test", lambda endpoint: Attempt(200))
    endpoint = make_endpoint()
    make_deliveries(endpoint, state="dead")
    path = f"{ENDPOINTS}{endpoint.pk}/change/"
    others = {*ACTIONS.values(), "view_webhookendpoint"} - {ACTIONS[action]}
    client = staff(*others)
    assert f'value="{action}"' not in html(client, path)
    assert act(client, ENDPOINTS, action, endpoint).status_code == 403
    client = staff("view_webhookendpoint", ACTIONS[action])
    assert f'value="{action}"' in html(client, path)
    assert act(client, ENDPOINTS, action, endpoint).status_code == 200


def test_whoever_only_looks_sees_no_secrets_in_addresses(staff):
    """Whoever may change an endpoint sees its whole address, others do not."""
    endpoint = make_endpoint(url="https://billing.example/talk?key=k3y")
    path = f"{ENDPOINTS}{endpoint.pk}/change/"
    assert "k3y" not in html(staff("view_webhookendpoint"), path)
    assert "k3y" in html(staff("view_webhookendpoint", "change_webhookendpoint"), path)


def test_whoever_sees_no_deliveries(staff):
    """The endpoint's page has no list of them, and their own pages are refused."""
    endpoint = make_endpoint()
    [delivery] = make_deliveries(endpoint)
    client = staff("view_webhookendpoint")
    assert "Last events" not in html(client, f"{ENDPOINTS}{endpoint.pk}/change/")
    assert client.get(f"{DELIVERIES}{delivery.pk}/change/").status_code == 403
    assert client.get(DELIVERIES).status_code == 403
