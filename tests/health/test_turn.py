"""STUN and TURN servers: really asked, and ill in every way that a setting can make them."""

import base64
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from talk_calls.health import stun, turn
from talk_calls.health.results import error, ok, skipped, warning
from talk_calls.health.stun_messages import (
    BINDING,
    ERROR_CODE,
    INTEGRITY,
    MalformedMessage,
    Message,
    long_term_key,
    unpack,
)
from talk_calls.servers import TurnServer
from talk_calls.signaling import ice
from tests.servers.ports import HOST, free_port

WRONG = (
    "SECRET must be the server's static-auth-secret (coturn: use-auth-secret), and the clocks of "
    "both machines must agree."
)
UNREACHED = "Is the address right, is the server up, and do firewalls let it through?"
STUN_HINT = "Is the address right, is the server up, and do firewalls let UDP through?"


@pytest.fixture
def use(settings):
    """Return a function that sets one TURN server."""

    def set_server(address, secret, **more):
        server = {"ADDRESS": address, "SECRET": secret, **more}
        settings.TALK_CALLS = {"TURN_SERVERS": [server]}

    return set_server


@pytest.fixture
def nonsense() -> Iterator[str]:
    """Return the address of something that answers, and not in STUN."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((HOST, 0))

        def answer():
            _, client = server.recvfrom(2048)
            server.sendto(b"HTTP/1.1 400 Bad Request", client)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"{HOST}:{server.getsockname()[1]}"
        thread.join(5)


def credentials(now):
    """Return what a client gets for the only TURN server."""
    [entry] = ice.turn_servers(now)
    return turn.Credentials(entry["username"], entry["credential"])


@pytest.mark.server("coturn")
def test_server_that_relays(coturn, use, context):
    """Our credentials are good for a relay over UDP and over TCP."""
    use(coturn.address, coturn.secret)
    assert turn.run(context) == [
        ok(f"turn:{coturn.address}?transport={each} accepts our credentials and relays.")
        for each in ("udp", "tcp")
    ]


@pytest.mark.server("coturn")
def test_relays_are_given_back(coturn, use, context):
    """Asking often does not use up the server's quota: it ends released relays within a second."""
    use(coturn.address, coturn.secret)
    own = credentials(context.now)
    until = time.monotonic() + 20
    granted = 0
    while granted < 110:  # the quota is 100 per user
        assert time.monotonic() < until
        granted += turn.RELAYED in turn.relay(coturn.address, "udp", own, 2).attributes


@pytest.mark.server("coturn")
def test_a_port_that_somebody_had(coturn, use, context, monkeypatch):
    """A server that takes us for an earlier client is asked again from another port."""
    use(coturn.address, coturn.secret)
    own = credentials(context.now)
    allocate, ports = turn.allocate, []

    def mixed_up_at_first(link, *login):
        ports.append(link)
        answer = allocate(link, *login)
        return (
            replace(answer, attributes={ERROR_CODE: bytes([0, 0, 4, 37])})
            if len(ports) == 1
            else answer
        )

    monkeypatch.setattr(turn, "allocate", mixed_up_at_first)
    answer = turn.relay(coturn.address, "udp", own, 2)
    assert answer.error == 0
    assert len(ports) == len({id(each) for each in ports})
    assert 2 <= len(ports) <= 5  # the server may still have clients of earlier tests


@pytest.mark.server("coturn")
def test_wrong_secret(coturn, use, context):
    """A second 401 is explained by a hint, and no secret is printed."""
    use(coturn.address, "another secret")
    assert turn.run(context) == [
        error(f"turn:{coturn.address}?transport={each} refuses with error 401.", WRONG)
        for each in ("udp", "tcp")
    ]


@pytest.mark.server("coturn")
def test_credentials_that_expired(coturn, use, context):
    """A clock that is a week behind makes credentials that are good no more."""
    use(coturn.address, coturn.secret, PROTOCOLS=["udp"])
    behind = replace(context, now=context.now - timedelta(days=7))
    assert turn.run(behind) == [
        error(f"turn:{coturn.address}?transport=udp refuses with error 401.", WRONG)
    ]


@pytest.mark.server("coturn")
def test_stun_server_that_answers(coturn, settings, context):
    """A binding request brings an address."""
    settings.TALK_CALLS = {"STUN_SERVERS": [coturn.address]}
    assert stun.run(context) == [ok(f"{coturn.address} tells clients their address.")]


def test_nobody_there(use, settings, context):
    """A port on which nothing listens."""
    address = f"{HOST}:{free_port()}"
    use(address, "secret")
    assert turn.run(context) == [
        error(f"turn:{address}?transport={each} does not answer: Connection refused.", UNREACHED)
        for each in ("udp", "tcp")
    ]
    settings.TALK_CALLS = {"STUN_SERVERS": [address]}
    assert stun.run(context) == [
        error(f"{address} does not answer: Connection refused.", STUN_HINT)
    ]


def test_silence(use, settings, context):
    """A server that accepts the request and never answers is an error."""
    hurried = replace(context, timeout=0.2)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((HOST, 0))
        address = f"{HOST}:{server.getsockname()[1]}"
        use(address, "secret", PROTOCOLS=["udp"])
        assert turn.run(hurried) == [
            error(f"turn:{address}?transport=udp does not answer within 0.2 s.", UNREACHED)
        ]
        settings.TALK_CALLS = {"STUN_SERVERS": [address]}
        assert stun.run(hurried) == [error(f"{address} does not answer within 0.2 s.", STUN_HINT)]


def test_something_else(settings, context, nonsense):
    """An answer that is no STUN is no answer."""
    settings.TALK_CALLS = {"STUN_SERVERS": [nonsense]}
    assert stun.run(context) == [
        error(f"{nonsense} does not answer: the response is not STUN.", STUN_HINT)
    ]


def test_turn_over_dtls_is_not_checked(use, context):
    """Python has no DTLS."""
    use("turn.example.org:5349", "secret", SCHEMES=["turns"], PROTOCOLS=["udp"])
    url = "turns:turn.example.org:5349?transport=udp"
    assert turn.run(context) == [skipped(f"{url}: TURN over DTLS is not checked.")]


def test_none_set(settings, context):
    """A site without TURN gets a warning; one without STUN too, unless it has TURN."""
    settings.TALK_CALLS = {}
    some = "Set TURN_SERVERS: about one network in ten lets nothing else through."
    assert turn.run(context) == [warning("No TURN servers are set.", some)]
    both = "Set STUN_SERVERS and TURN_SERVERS; without them calls work within one network only."
    assert stun.run(context) == [warning("Neither STUN nor TURN servers are set.", both)]
    settings.TALK_CALLS = {"TURN_SERVERS": [{"ADDRESS": "turn.example.org:1", "SECRET": "s"}]}
    assert stun.run(context) == [
        skipped("No STUN servers are set; TURN servers answer the same requests.")
    ]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, ""),
        ({"username": "alice"}, "The user name does not begin with the time at which it expires."),
        ({"username": "1000:abc"}, "The credentials have expired."),
        (
            {"password": base64.b64encode(bytes(20)).decode()},
            "The credential is not signed with the secret.",
        ),
    ],
)
def test_form_of_credentials(use, context, change, problem):
    """Those that we make are in order; each thing that may be wrong with others is found."""
    use("turn.example.org:3478", "secret")
    server = TurnServer("turn.example.org:3478", "secret")
    changed = replace(credentials(context.now), **change)
    assert turn.credentials_problem(server, changed, context.now) == problem


def test_signed_message():
    """A request of RFC 5769, 2.4, signed by us, has the integrity that the RFC has."""
    name = b"\xe3\x83\x9e\xe3\x83\x88\xe3\x83\xaa\xe3\x83\x83\xe3\x82\xaf\xe3\x82\xb9"
    nonce, realm = b"f//499k954d6OL34oL9FSTvy64sA", b"example.org"
    message = Message(
        BINDING,
        {0x0006: name, 0x0015: nonce, 0x0014: realm},
        bytes.fromhex("78ad3433c6ad72c029da412e"),
    )
    key = long_term_key(name.decode(), realm, "TheMatrIX")
    sent = unpack(message.pack(key))
    assert sent.attributes[INTEGRITY].hex() == "f67024656dd64a3e02b8e0712e85c9a28ca89666"


@pytest.mark.parametrize("data", [b"", b"short", bytes(20), b"\x00\x01\x00\x08\x21\x12\xa4\x42"])
def test_malformed(data):
    """What is no message is refused, however short."""
    with pytest.raises(MalformedMessage):
        unpack(data)
