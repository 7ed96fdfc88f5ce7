"""A signaling server, or a proxy in front of it, that answers something else than it should."""

from datetime import UTC, datetime

import pytest
import urllib3

from talk_calls.conf import Signaling, SignalingServer, TurnServer
from talk_calls.hpb import circuits, delivery
from talk_calls.hpb.connections import Connection, Unreachable

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


def test_secrets_are_not_shown():
    """Reports of errors show the values in each frame as text."""
    turn = TurnServer("turn.example.org:3478", SECRET)
    assert SECRET not in repr([turn, SERVER, Signaling(True, (SERVER,), key=SECRET)])
