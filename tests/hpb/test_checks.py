"""System checks of ``SIGNALING``."""

import pytest
from django.core import checks

from talk_calls.checks import external_signaling
from tests.hpb.conftest import SERVER

pytestmark = pytest.mark.django_db


def ours() -> list[tuple[str, str, str]]:
    found = checks.run_checks()
    return [
        (each.id.removeprefix("talk_calls."), each.msg, each.hint or "")
        for each in found
        if each.id and each.id.startswith("talk_calls.")
    ]


def external(**more: object) -> dict[str, object]:
    return {"BACKEND": "external", "SERVERS": [SERVER], **more}


def server(**changes: object) -> dict[str, object]:
    return external(SERVERS=[{**SERVER, **changes}])


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        ("external", "is no dict"),
        (external(SERVER=1), "no key 'SERVER'"),
        ({"BACKEND": "extern"}, "the BACKEND 'extern'"),
        ({"BACKEND": ["external"]}, "the BACKEND ['external']"),
        ({"BACKEND": "external"}, "no SERVERS"),
        (external(SERVERS=[]), "no SERVERS"),
        (external(SERVERS=SERVER), "SERVERS that are no list"),
        (external(SERVERS=["https://hpb.example.org"]), "is no dict"),
        (external(CLUSTER="yes"), "the CLUSTER 'yes'"),
        (external(KEY=b"pem"), "a KEY that is no text"),
        (external(SERVERS=[SERVER, SERVER]), "more than once"),
        (external(SERVERS=[SERVER, {**SERVER, "url": f"{SERVER['url']}/"}]), "more than once"),
        (server(url="hpb.example.org"), "the url 'hpb.example.org'"),
        (server(url="wss://hpb.example.org"), "the url 'wss:"),
        (server(url="https://name:password@hpb.example.org"), "the url"),
        (server(url=f"https://hpb.example.org/{'x' * 255}"), "the url"),
        (server(url=None), "the url None"),
        (server(secret="hush-hush-hush"), "no secret of 16 characters"),
        (server(secret=b"a secret of many bytes"), "no secret of 16 characters"),
        (server(verify="/no/such/file"), "verify '/no/such/file'"),
        (server(verify=1), "verify 1"),
        (server(password="x"), "no key 'PASSWORD'"),
    ],
    ids=repr,
)
def test_wrong_settings(settings, value, fault):
    """E022: the message says what is wrong, and no secret."""
    settings.TALK_CALLS = {"SIGNALING": value}
    ((code, message, hint),) = ours()
    assert code == "E022"
    assert message.startswith("TALK_CALLS['SIGNALING'] ")
    assert fault in message
    assert "hush" not in message + hint
    assert SERVER["secret"] not in message + hint


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"BACKEND": "internal", "SERVERS": [SERVER]},
        external(),
        external(CLUSTER=True),
        {"backend": "external", "servers": ({"URL": "https://[::1]:8443/a", "SECRET": "s" * 16},)},
        server(url="http://127.0.0.1:8080"),
        server(url="http://localhost:8080"),
        server(verify=False),
        server(verify=__file__),
    ],
    ids=repr,
)
def test_right_settings(settings, value):
    """What works is not complained about."""
    settings.TALK_CALLS = {"SIGNALING": value}
    assert ours() == []


@pytest.mark.parametrize("url", ["http://hpb.example.org", "http://10.0.0.1:8080"])
def test_connections_without_encryption(settings, url):
    """W009: only on one machine."""
    settings.TALK_CALLS = {"SIGNALING": server(url=url)}
    ((code, message, _),) = ours()
    assert code == "W009"
    assert url in message


@pytest.mark.parametrize("module", ["jwt", "cryptography"])
def test_missing_packages(settings, monkeypatch, module):
    """E023: only with external signaling."""
    monkeypatch.setattr(
        external_signaling, "find_spec", lambda name: None if name == module else object()
    )
    settings.TALK_CALLS = {"SIGNALING": {"BACKEND": "internal"}}
    assert ours() == []
    settings.TALK_CALLS = {"SIGNALING": external()}
    ((code, _, hint),) = ours()
    assert (code, hint) == ("E023", "pip install 'talk-calls[hpb]'")
