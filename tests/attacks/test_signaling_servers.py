"""A signaling server, or a proxy in front of it, that answers something else than it should."""

from datetime import UTC, datetime

import jwt
import pytest
import urllib3
from django.utils import timezone

from talk_calls.host.actors import Actor
from talk_calls.host.directory import DjangoDirectory
from talk_calls.hpb import circuits, delivery, tokens
from talk_calls.hpb.connections import Connection, Unreachable
from talk_calls.servers import Signaling, SignalingServer, TurnServer
from talk_calls.signaling import tickets
from tests.factories import UserFactory
from tests.hpb import conftest
from tests.hpb.servers import FakeServer

SECRET = "a secret of this server"
SERVER = SignalingServer("http://127.0.0.1:1", SECRET)


@pytest.fixture
def answers(monkeypatch):
    """Return a function that sets what the server answers."""

    def set_answer(body: bytes, **headers: str) -> None:
        def send(*_args: object) -> urllib3.HTTPResponse:
            return urllib3.HTTPResponse(body, headers, 200)

        monkeypatch.setattr(Connection, "_send", send)

    yield set_answer
    circuits.forget()


@pytest.mark.parametrize(
    ("date", "read"),
    [
        ("nonsense", None),
        ("", None),
        ("Mon, 01 Jan 2024 00:00:00 +9999999999999999999", None),
        ("Mon, 01 Jan 2024 00:00:00 GMT", datetime(2024, 1, 1, tzinfo=UTC)),
        ("Mon, 01 Jan 2024 00:00:00 -0000", datetime(2024, 1, 1, tzinfo=UTC)),
    ],
)
def test_dates(answers, date, read):
    """A wrong date is none, and every date can be compared."""
    answers(b'{"version":"2.0.2"}', Date=date)
    assert Connection(SERVER).welcome().date == read


@pytest.mark.parametrize("body", [b"", b"[]", b"3", b"\xff", b"{}", b"[" * 200_000, b"1" * 6000])
def test_no_signaling_server(answers, body):
    """It counts as a failure; an error would end the thread that tells the server."""
    answers(body)
    with pytest.raises(Unreachable, match="it is no signaling server"):
        Connection(SERVER).welcome()
    delivery.ask(SERVER)


class BidiDirectory(DjangoDirectory):
    """Names turn text around, show nothing, and are long; somebody has none."""

    def display_name(self, user):
        return None if user.username == "nobody" else "\u202eadA\u200b" + "a" * 300


@pytest.mark.django_db
@pytest.mark.parametrize(("user_id", "shown"), [("alice", "adA" + "a" * 252), ("nobody", "")])
def test_names_that_clients_read_from_the_server(settings, user_id, shown):
    """They are cleaned, as those that clients read from the site."""
    external = {"BACKEND": "external", "SERVERS": [conftest.SERVER]}
    settings.TALK_CALLS = {"SIGNALING": external, "DIRECTORY": f"{__name__}.BidiDirectory"}
    actor = Actor(UserFactory(username=user_id))
    ticket = tickets.ticket(actor, timezone.now())
    assert FakeServer().auth(user_id, ticket)["auth"]["user"] == {"displayname": shown}
    token = tokens.token(actor, issuer="https://talk.example/", now=timezone.now())
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["userdata"] == {"displayname": shown}


def test_secrets_are_not_shown():
    """Reports of errors show the values in each frame as text."""
    turn = TurnServer("turn.example.org:3478", SECRET)
    assert SECRET not in repr([turn, SERVER, Signaling(True, (SERVER,), key=SECRET)])
