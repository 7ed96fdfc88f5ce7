"""System checks of the settings of metrics."""

import pytest
from django.core import checks

from tests.metrics.site import TOKEN

pytestmark = pytest.mark.django_db


def ours() -> list[tuple]:
    found = [each for each in checks.run_checks() if each.id.startswith("talk_calls.")]
    return [(each.id.removeprefix("talk_calls."), each.msg, each.hint) for each in found]


def test_fine(settings):
    """On, with somebody who may read."""
    settings.ROOT_URLCONF = "tests.metrics.urls"
    settings.TALK_CALLS = {"METRICS": True, "METRICS_TOKEN": TOKEN}
    assert ours() == []
    settings.TALK_CALLS = {"METRICS": True, "METRICS_NETWORKS": ("10.0.0.0/8", "::1")}
    assert ours() == []


@pytest.mark.parametrize("value", ["10.0.0.0/8", ["10.0.0.1/8"], ["example.org"], [7], None])
def test_networks(settings, value):
    """E003: a list of networks, without bits of hosts."""
    settings.TALK_CALLS = {"METRICS_NETWORKS": value}
    message = f"TALK_CALLS['METRICS_NETWORKS'] is {value!r}, not a list of networks."
    assert [each[:2] for each in ours()] == [("E003", message)]


@pytest.mark.parametrize("value", ["hush", "hush " * 10, "hüsh" * 10, None, 7])
def test_tokens(settings, value):
    """E003: nobody guesses it, a header can carry it, and it is never printed."""
    settings.TALK_CALLS = {"METRICS_TOKEN": value}
    ((code, message, hint),) = ours()
    assert code == "E003"
    assert message == "TALK_CALLS['METRICS_TOKEN'] is no token of 32 characters or more."
    assert "hush" not in hint


def test_without_the_package(settings, monkeypatch):
    """E031: the extra is missing."""
    monkeypatch.setattr("talk_calls.checks.metrics.find_spec", lambda name: None)
    settings.TALK_CALLS = {"METRICS": True}
    message = 'TALK_CALLS["METRICS"] needs the package prometheus-client. Nothing is measured.'
    assert ours() == [("E031", message, "pip install 'talk-calls[metrics]'")]


def test_a_page_for_nobody(settings):
    """W010: it is included, and can be read by nobody."""
    settings.ROOT_URLCONF = "tests.metrics.urls"
    settings.TALK_CALLS = {"METRICS": True}
    assert [code for code, _, _ in ours()] == ["W010"]
    settings.TALK_CALLS = {}
    assert ours() == []
