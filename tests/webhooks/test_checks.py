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
    settings.TALK_CALLS = {"WEBHOOKS": [BILLING, plain]}
    assert ours() == []
    message = "Webhooks for 'Plain' are sent without encryption."
    assert ours(deploy=True) == [("talk_calls.W011", message)]


@pytest.mark.parametrize(
    "entry",
    [
        BILLING | {"secret": "short"},
        BILLING | {"secret": "whsec_c2hvcnQ="},
        BILLING | {"url": "billing.example"},
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
