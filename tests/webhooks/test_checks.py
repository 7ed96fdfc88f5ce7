"""System checks of the setting ``WEBHOOKS``."""

import pytest
from django.core import checks

from talk_calls import webhook_values
from talk_calls.checks import webhooks

SECRET = webhook_values.new_secret()
BILLING = {"name": "Billing", "url": "https://billing.example/talk", "secret": SECRET}


def ours(*, deploy: bool = False) -> list[tuple[str, str]]:
    found = checks.run_checks(include_deployment_checks=deploy)
    return [(each.id, each.msg) for each in found if each.id in {"talk_calls.E032", *_OTHERS}]


_OTHERS = {"talk_calls.E003", "talk_calls.W011"}


def test_fine(settings):
    """Over https, with the package that signs."""
    settings.TALK_CALLS = {"WEBHOOKS": [BILLING]}
    assert ours(deploy=True) == []


def test_without_the_extra(settings, monkeypatch):
    """E032, but not for a site without endpoints in its settings."""
    monkeypatch.setattr(webhooks, "find_spec", lambda name: None)
    settings.TALK_CALLS = {"WEBHOOKS": []}
    assert ours() == []
    settings.TALK_CALLS = {"WEBHOOKS": [BILLING]}
    message = "TALK_CALLS['WEBHOOKS'] needs the package standardwebhooks. Nothing is sent."
    assert ours() == [("talk_calls.E032", message)]


def test_without_encryption(settings):
    """W011, when it is deployed."""
    plain = BILLING | {"name": "Plain", "url": "http://10.0.0.1/talk"}
    networks = ["10.0.0.0/8"]
    settings.TALK_CALLS = {"WEBHOOKS": [BILLING, plain], "WEBHOOK_PRIVATE_ADDRESSES": networks}
    assert ours() == []
    message = "Webhooks for 'Plain' are sent without encryption."
    assert ours(deploy=True) == [("talk_calls.W011", message)]


@pytest.mark.parametrize(
    "entry",
    [
        BILLING | {"secret": "short"},
        BILLING | {"secret": "whsec_c2hvcnQ="},
        BILLING | {"url": "billing.example"},
        BILLING | {"url": "https://billing.example/" + "x" * 2000},
        BILLING | {"name": "x" * 101},
        BILLING | {"name": "Billing "},
        BILLING | {"name": "\u200b"},
        {"name": "Billing"},
        "Billing",
    ],
)
def test_what_is_wrong_is_said_once(settings, entry):
    """E003 alone, and without the secret."""
    settings.TALK_CALLS = {"WEBHOOKS": [entry]}
    [(code, message)] = ours(deploy=True)
    assert code == "talk_calls.E003"
    assert "whsec_c2" not in message


def test_http_without_networks(settings):
    """E003, since each request would be refused."""
    settings.TALK_CALLS = {"WEBHOOKS": [BILLING | {"url": "http://10.0.0.1/talk"}]}
    message = "TALK_CALLS['WEBHOOKS'] has 'Billing' with http://, to which nothing is sent."
    assert ours() == [("talk_calls.E003", message)]


@pytest.mark.parametrize(("seconds", "is_fine"), [(1, True), (25, True), (26, False), (0, False)])
def test_the_timeout_ends_before_a_service_is_killed(settings, seconds, is_fine):
    """As the systemd unit in deploy/ does after 30 s."""
    settings.TALK_CALLS = {"WEBHOOK_TIMEOUT": seconds}
    assert (ours() == []) is is_fine
