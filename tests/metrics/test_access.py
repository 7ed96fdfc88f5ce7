"""Who may read metrics."""

import pytest
from django.test import Client

from talk_calls.metrics import receivers
from tests.metrics.site import TOKEN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("measured")]


def status(remote: str = "127.0.0.1", **headers: str) -> int:
    return Client(REMOTE_ADDR=remote).get("/metrics", headers=headers).status_code


@pytest.mark.parametrize(
    "given",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer wrong",
        f"Basic {TOKEN}",
        TOKEN,
        f"Bearer {TOKEN}x",
        "Bearer é",
    ],
)
def test_not_without_the_token(settings, given):
    """Nothing else opens it, and it is not public where no token is set."""
    assert status(Authorization=given) == 403
    settings.TALK_CALLS = {"METRICS": True}
    assert status(Authorization=given) == 403


def test_the_token():
    """It opens the page from anywhere."""
    assert status("192.0.2.1", Authorization=f"Bearer {TOKEN}") == 200
    assert status("192.0.2.1", Authorization=f"bearer {TOKEN}") == 200


def test_networks(settings):
    """Whoever asks from a network needs no token."""
    settings.TALK_CALLS = {"METRICS": True, "METRICS_NETWORKS": ["10.1.0.0/16", "2001:db8::/32"]}
    assert status("10.1.2.3") == 200
    assert status("2001:db8:1::7") == 200
    assert status("10.2.2.3") == 403
    assert status("2001:db9::7") == 403
    assert status("") == 403


def test_networks_behind_a_proxy(settings):
    """The address of a proxy opens nothing, and a header counts only if the site says so."""
    settings.TALK_CALLS = {"METRICS": True, "METRICS_NETWORKS": ["127.0.0.1", "10.1.0.0/16"]}
    inside, outside = {"X-Forwarded-For": "10.1.2.3"}, {"X-Forwarded-For": "192.0.2.1"}
    assert status() == 200
    assert status(**inside) == status(**outside) == status(Via="1.1 proxy") == 403
    settings.REST_FRAMEWORK = {"NUM_PROXIES": 1}
    assert (status(**inside), status(**outside)) == (200, 403)


def test_it_is_only_read():
    """There is nothing to change."""
    assert Client().post("/metrics").status_code == 405


def test_off():
    """Where nothing is measured there is no page, whoever asks."""
    receivers.disconnect()
    assert status(Authorization=f"Bearer {TOKEN}") == 404
