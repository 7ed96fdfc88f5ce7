"""Whose wrong passwords count for whom: what the site sees, and what strangers see of that."""

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from talk_calls.health import client_address, signatures
from talk_calls.health.client_address import PATH, Seen, judge
from talk_calls.health.results import ok, skipped, warning
from tests.servers.ports import HOST, free_port

pytestmark = pytest.mark.django_db

FORGED, CLIENT, OUTER, INNER = "203.0.113.7", "198.51.100.1", "10.0.0.1", "127.0.0.1"
CHOSEN = "Clients choose by X-Forwarded-For for which address their wrong passwords count."


def seen(*forwarded: str, remote: str = INNER, proxies: int | None, **more) -> Seen:
    """Ask the site as proxies would that wrote ``forwarded``."""
    headers = {
        signatures.HEADER: signatures.signature(),
        "OCS-APIRequest": "true",
        "X-Forwarded-For": ", ".join(forwarded),
        **more,
    }
    answer = Client(headers=headers, REMOTE_ADDR=remote).get(PATH, {"format": "json"})
    assert answer.status_code == 200
    found = Seen.of(answer.json()["ocs"]["data"])
    assert (found.connected, found.num_proxies) == (remote, proxies)
    return found


#: Proxies that add to the header, the setting, and what is wrong with it: nothing, everybody is
#: counted for a proxy, or clients choose their address.
FITS, SHARED, FORGEABLE = "ok", "warning", "error"
CASES = [
    ((CLIENT,), None, SHARED),
    ((CLIENT,), 0, SHARED),
    ((CLIENT,), 1, FITS),
    ((CLIENT,), 2, FORGEABLE),
    ((CLIENT, OUTER), None, SHARED),
    ((CLIENT, OUTER), 1, SHARED),
    ((CLIENT, OUTER), 2, FITS),
    ((CLIENT, OUTER), 3, FORGEABLE),
]


@pytest.mark.parametrize(("added", "proxies", "level"), CASES)
def test_number_of_proxies(settings, added, proxies, level):
    """Too few are told from too many, and the hint has the right number."""
    settings.REST_FRAMEWORK = {"NUM_PROXIES": proxies}
    result = judge(seen(FORGED, *added, proxies=proxies), FORGED, is_local=False)
    assert result.level == level
    assert ("NUM_PROXIES" in result.hint and f": {len(added)}}}" in result.hint) == (level != FITS)


def test_proxy_that_replaces_the_header(settings):
    """Then what clients send does not arrive."""
    settings.REST_FRAMEWORK = {"NUM_PROXIES": 1}
    result = judge(seen(CLIENT, proxies=1), FORGED, is_local=False)
    assert result == ok(f"Wrong passwords are counted by the client's address, here {CLIENT}.")


def test_server_that_sets_the_address():
    """As uvicorn does; fine if it believes the proxy only."""
    fine = seen(FORGED, CLIENT, remote=CLIENT, proxies=None)
    assert judge(fine, FORGED, is_local=False).level == "ok"
    credulous = judge(seen(FORGED, CLIENT, remote=FORGED, proxies=None), FORGED, is_local=False)
    assert (credulous.level, credulous.message) == ("error", CHOSEN)
    assert "FORWARDED_ALLOW_IPS" in credulous.hint


def test_no_proxy():
    """Nobody adds to the header, and it is not believed."""
    result = judge(seen(FORGED, remote=CLIENT, proxies=None), FORGED, is_local=False)
    assert result == ok(f"No proxy adds to X-Forwarded-For; wrong passwords count for {CLIENT}.")


def test_setting_without_a_proxy(settings):
    """The whole header is the client's."""
    settings.REST_FRAMEWORK = {"NUM_PROXIES": 1}
    result = judge(seen(FORGED, remote=CLIENT, proxies=1), FORGED, is_local=False)
    assert (result.level, result.message) == ("error", CHOSEN)


@pytest.mark.parametrize("header", ["X-Forwarded-Proto", "Via", "Forwarded", "X-Real-IP"])
def test_proxy_that_does_not_tell(header):
    """It is noticed by what else it sends."""
    told = seen(FORGED, proxies=None, **{header: "https"})
    result = judge(told, FORGED, is_local=False)
    assert result.level == "warning"
    assert "does not tell where clients come from" in result.message


@pytest.mark.parametrize(("added", "is_local"), [((), True), (("127.0.0.1",), False)])
def test_its_own_machine(added, is_local):
    """A server may believe the header from there only, which is no fault."""
    told = seen(FORGED, *added, remote=FORGED, proxies=None)
    assert judge(told, FORGED, is_local=is_local) == skipped(
        "The site was asked from its own machine, which it takes for a proxy.",
        "Run this check from another machine to learn more.",
    )


def test_running_site(live_server, context):
    """The check finds the route, and the site believes the signature."""
    there = replace(context, url=live_server.url, timeout=20)
    [result] = client_address.run(there)
    assert result == ok("No proxy adds to X-Forwarded-For; wrong passwords count for 127.0.0.1.")


def test_running_site_of_another_key(live_server, context, monkeypatch):
    """It tells nothing, and the hint says why that may be."""
    monkeypatch.setattr(signatures, "signature", lambda: "talk_health:1abcde:no")
    there = replace(context, url=live_server.url, timeout=20)
    assert client_address.run(there) == [
        warning(
            "The site does not tell which address it counts: HTTP 404.",
            "Does it run this version of talk_calls, with the SECRET_KEY that this command has, "
            "and do the clocks agree?",
        )
    ]


def test_site_that_is_away(context):
    """Nobody listens."""
    [result] = client_address.run(replace(context, url=f"http://{HOST}:{free_port()}"))
    assert (result.level, result.message) == (
        "warning",
        "The site does not tell which address it counts.",
    )


def test_without_a_url(context, settings):
    """The settings may tell something."""
    [result] = client_address.run(context)
    assert result.level == "skipped"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    [result] = client_address.run(context)
    assert result.level == "warning"
    assert result.message.startswith("talk_calls.W008: SECURE_PROXY_SSL_HEADER is set")


def _past() -> str:
    with time_machine.travel(timezone.now() - timedelta(seconds=signatures.MAX_AGE + 5)):
        return signatures.signature()


@pytest.mark.parametrize(
    "signature",
    ["", "talk_health", "talk_health:x", "talk_health:1abcde:AAAA", "\xff:\xff:\xff", _past],
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete", "options"])
def test_strangers(signature, method):
    """For them there is no such route: status and body are those of any other unknown route."""
    sent = signature() if callable(signature) else signature
    client = Client(headers={signatures.HEADER: sent, "OCS-APIRequest": "true"})
    unknown = getattr(client, method)(PATH.replace("client-address", "nothing"))
    answer = getattr(client, method)(PATH)
    assert (answer.status_code, answer.content) == (404, unknown.content)
    assert dict(answer.headers) == dict(unknown.headers)


def test_signature_is_good_for_reading_only():
    """Whoever has one may ask, and nothing else."""
    client = Client(headers={signatures.HEADER: signatures.signature(), "OCS-APIRequest": "true"})
    assert client.get(PATH).status_code == 200
    assert client.post(PATH).status_code == 404
