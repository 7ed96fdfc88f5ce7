"""Endpoints of the database and of the settings."""

import pytest
from django.db import connection

from talk_calls import webhook_values
from talk_calls.checks.settings import check_settings
from talk_calls.exceptions import InvalidValue
from talk_calls.host import clock
from talk_calls.models import AuditEntry, WebhookEndpoint
from talk_calls.models.audit import AuditAction
from talk_calls.models.webhooks import DisabledReason
from talk_calls.webhooks import endpoints, retention
from talk_calls.webhooks.delivery import Deliverer, deliver_once
from talk_calls.webhooks.testing import send_test
from tests.webhooks.conftest import happen

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the same in each worker of the tests
OTHER_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # the same in each worker of the tests


def configure(settings, *entries, **others):
    settings.TALK_CALLS = {**settings.TALK_CALLS, **others, "WEBHOOKS": list(entries)}


@pytest.mark.django_db
def test_create(receiver):
    endpoint = endpoints.create(
        name="Billing", url="https://billing.example/talk?a=b", event_types=["call.*", "call.*"]
    )
    assert endpoint.event_types == ["call.*"]
    webhook_values.check_secret(endpoint.secret)
    assert list(endpoints.active()) == [endpoint]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 101},
        {"name": "Billing"},
        {"url": "https://user:password@billing.example/"},
        {"url": "https://billing.example/" + "x" * 2000},
        {"event_types": ["call.nothing"]},
        {"event_types": ["cal*"]},
        {"event_types": ["nothing.*"]},
    ],
)
def test_wrong_values(endpoint, wrong):
    with pytest.raises(InvalidValue):
        endpoints.create(**{"name": "New", "url": "https://new.example/", **wrong})
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.django_db
def test_http_is_for_private_networks(settings):
    settings.TALK_CALLS = {}
    with pytest.raises(InvalidValue):
        endpoints.create(name="New", url="http://new.example/")


@pytest.mark.parametrize(
    ("wanted", "kind", "expected"),
    [
        ("call.started", "call.started", True),
        ("call.started", "call.ended", False),
        ("call.*", "call.ended", True),
        ("call.*", "callback", False),
        ("*", "moderation", True),
        ("call*", "call.started", False),
    ],
)
def test_groups_of_events(wanted, kind, expected):
    assert webhook_values.matches(wanted, kind) is expected
    assert webhook_values.wants([wanted, "session.opened"], kind) is expected
    assert webhook_values.wants([], kind)


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "secret", "whsec_!!!", "whsec_" + "YQ==", SECRET.removeprefix("whsec_"), None],
)
def test_wrong_secrets(secret):
    with pytest.raises(InvalidValue):
        webhook_values.check_secret(secret)


@pytest.mark.django_db
def test_an_endpoint_of_the_settings(settings, receiver):
    """A row is made for it; its secret stays in the settings, where it may be a list."""
    entry = {"name": "Billing", "url": receiver.url, "secret": SECRET, "events": ["call.*"]}
    configure(settings, entry)
    assert check_settings(None) == []
    happen(1, "call.started", "moderation")
    assert deliver_once().delivered == 1
    row = WebhookEndpoint.objects.get()
    assert (row.is_from_settings, row.secret, row.event_types) == (True, "", ["call.*"])
    receiver.verified(SECRET)
    configure(settings, entry | {"secret": [OTHER_SECRET, SECRET]})
    assert endpoints.secrets_of(row, clock.now()) == [OTHER_SECRET, SECRET]
    for change in (endpoints.rotate_secret, endpoints.delete):
        with pytest.raises(InvalidValue):
            change(row)
    with pytest.raises(InvalidValue):
        endpoints.change(row, name="Other", url=receiver.url, event_types=[])


@pytest.mark.django_db
def test_an_endpoint_that_vanished_from_the_settings(settings, receiver):
    """It is disabled, and enabled when it is back; what an operator disabled stays disabled."""
    entry = {"name": "Billing", "url": receiver.url, "secret": SECRET}
    configure(settings, entry)
    endpoints.synchronize()
    configure(settings)
    endpoints.synchronize()
    row = WebhookEndpoint.objects.get()
    assert (row.is_enabled, row.disabled_reason) == (False, DisabledReason.NOT_IN_SETTINGS)
    configure(settings, entry | {"url": receiver.url + "/new"})
    endpoints.synchronize()
    row.refresh_from_db()
    assert (row.is_enabled, row.url) == (True, receiver.url + "/new")
    endpoints.disable(row)
    endpoints.synchronize()
    row.refresh_from_db()
    assert (row.is_enabled, row.disabled_reason) == (False, "")


@pytest.mark.django_db
def test_two_rotations_at_once(endpoint):
    """Each got a secret that signs, though both began with the same one."""
    other = WebhookEndpoint.objects.get()
    first = endpoints.rotate_secret(endpoint)
    second = endpoints.rotate_secret(other)
    row = WebhookEndpoint.objects.get()
    assert endpoints.secrets_of(row, clock.now()) == [second, first]


@pytest.mark.django_db
def test_the_sweeper_forgets_old_secrets(endpoint):
    endpoints.rotate_secret(endpoint)
    now = clock.now()
    retention.delete_old(now)
    assert WebhookEndpoint.objects.get().previous_secret
    retention.delete_old(now + endpoints.ROTATION)
    row = WebhookEndpoint.objects.get()
    assert (row.previous_secret, row.previous_secret_until) == ("", None)


@pytest.mark.django_db
def test_two_processes_start_at_once(settings, receiver):
    """Both make the rows of the settings: the second after the first has looked."""
    configure(settings, {"name": "Billing", "url": receiver.url, "secret": SECRET})
    made = []

    def make_first(execute, sql, *others):
        if sql.startswith("INSERT") and not made:
            made.append("Billing")
            WebhookEndpoint.objects.create(name="Billing", url=receiver.url, is_from_settings=True)
        return execute(sql, *others)

    with connection.execute_wrapper(make_first):
        endpoints.synchronize()
    assert made
    assert WebhookEndpoint.objects.get().is_from_settings


@pytest.mark.django_db
def test_a_name_that_is_taken_meanwhile(endpoint, receiver, monkeypatch):
    """After the check: refused like one that was taken before."""
    other = endpoints.create(name="Other", url=receiver.url)
    monkeypatch.setattr(endpoints, "check", lambda *, name, **others: name)
    with pytest.raises(InvalidValue):
        endpoints.create(name="Billing", url=receiver.url)
    with pytest.raises(InvalidValue):
        endpoints.change(other, name="Billing", url=receiver.url, event_types=[])
    assert WebhookEndpoint.objects.count() == 2


@pytest.mark.django_db
def test_an_endpoint_that_is_deleted_meanwhile(endpoint):
    """Its receiver may answer 410 just then."""
    WebhookEndpoint.objects.all().delete()
    endpoints.disable(endpoint, DisabledReason.GONE)
    endpoints.enable(endpoint)
    assert not AuditEntry.objects.exclude(action=AuditAction.ENDPOINT_CREATED).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", DisabledReason.FAILING, DisabledReason.NOT_IN_SETTINGS])
def test_operators_take_over_what_vanished_from_the_settings(settings, receiver, reason):
    """It is changed, enabled with a secret of its own, and deleted, like any other."""
    configure(settings, {"name": "Billing", "url": receiver.url, "secret": SECRET})
    endpoints.synchronize()
    if reason != DisabledReason.NOT_IN_SETTINGS:
        endpoints.disable(WebhookEndpoint.objects.get(), reason or None)
    configure(settings)
    endpoints.synchronize()
    row = WebhookEndpoint.objects.get()
    assert (row.is_enabled, row.disabled_reason) == (False, reason)
    endpoints.change(row, name="Other", url=receiver.url, event_types=[])
    secret = endpoints.rotate_secret(row)
    endpoints.enable(row)
    happen(1)
    assert deliver_once().delivered == 1
    receiver.verified(secret)
    endpoints.delete(row)
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.django_db
def test_nothing_is_sent_without_a_secret(settings, receiver):
    """As while another process already has newer settings."""
    with Deliverer() as deliverer:
        row = WebhookEndpoint.objects.create(name="New", url=receiver.url, is_from_settings=True)
        happen(1)
        deliverer.work(0)
        deliverer.finish()
    with pytest.raises(InvalidValue):
        send_test(row)
    assert receiver.arrived == []


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("https://billing.example", "is not a list of endpoints."),
        (["https://billing.example"], "[0] is not a dict."),
        ([{"name": "a"}], "[0] needs name, url and secret"),
        ([{"name": "", "url": "https://a.example", "secret": SECRET}], "[0] has a name"),
        (
            [{"name": "a", "url": "ftp://a.example", "secret": SECRET}],
            "[0] is wrong: The URL has to begin with https://",
        ),
        (
            [{"name": "a", "url": "https://a.example", "secret": "guess-me"}],
            "[0] is wrong: A secret begins with whsec_.",
        ),
        (
            [{"name": "a", "url": "https://a.example", "secret": []}],
            "[0] is wrong: A secret begins with whsec_.",
        ),
        (
            [{"name": "a", "url": "https://a.example", "secret": SECRET, "events": ["x"]}],
            "[0] is wrong: There are no events 'x'.",
        ),
        (
            [{"name": "a", "url": "https://a.example", "secret": SECRET}] * 2,
            "has two endpoints of the same name.",
        ),
    ],
)
def test_checks(settings, value, problem):
    """E003 names the entry, and shows no secret."""
    settings.TALK_CALLS = {"WEBHOOKS": value}
    (message,) = check_settings(None)
    assert f"TALK_CALLS['WEBHOOKS']{problem if problem[0] == '[' else ' ' + problem}" in message.msg
    assert "guess-me" not in str(message)
