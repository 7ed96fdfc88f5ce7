"""A guest who logs in at a signaling server, for checks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from talk_calls.host.actors import GUEST
from talk_calls.servers import SignalingServer
from talk_calls.signaling import tickets

#: Where the server asks this site, below its address.
_BACKEND = "/ocs/v2.php/apps/spreed/api/v3/signaling/backend"

#: Bytes of the longest frame that is read.
_MAX_FRAME = 64 * 1024


class NotLetIn(Exception):
    """The server refuses the guest; the text is the error's code."""


class SignalingGuest:
    """A connection to a server; ``session_id`` is its session there, after ``hello``."""

    def __init__(self, connection: Any, timeout: float) -> None:
        self._connection = connection
        self._timeout = timeout
        self.session_id = ""

    def hello(self, site: str, now: datetime) -> None:
        """Log in with a ticket of this site, whose address is ``site``; raises ``NotLetIn``."""
        params = {"userid": "", "ticket": tickets.ticket(GUEST, now)}
        auth = {"url": site.rstrip("/") + _BACKEND, "params": params}
        self._send({"id": "1", "type": "hello", "hello": {"version": "1.0", "auth": auth}})
        answer = self._read("hello", "error")
        if answer["type"] == "error":
            raise NotLetIn(str(answer["error"].get("code")))
        self.session_id = answer["hello"]["sessionid"]

    def send(self, to: "SignalingGuest", text: str) -> None:
        """Send a message to another guest."""
        recipient = {"type": "session", "sessionid": to.session_id}
        self._send({"type": "message", "message": {"recipient": recipient, "data": {"text": text}}})

    def receives(self, text: str) -> bool:
        """Tell whether a message with this text comes in time."""
        with suppress(TimeoutError):
            while self._read("message")["message"]["data"] != {"text": text}:
                pass
            return True
        return False

    def _send(self, frame: dict[str, Any]) -> None:
        self._connection.send(json.dumps(frame))

    def _read(self, *kinds: str) -> Any:
        """Return the next frame of one of these types; raises ``TimeoutError``."""
        while True:
            frame = json.loads(self._connection.recv(timeout=self._timeout))
            if frame["type"] in kinds:
                return frame


@contextmanager
def connected(server: SignalingServer, timeout: float) -> Iterator[SignalingGuest]:
    """Connect to a server; raises ``OSError`` and the errors of ``websockets``."""
    from websockets.sync.client import connect

    url = f"ws{server.url.removeprefix('http')}/spreed"
    tls = {"ssl": _tls(server.verify)} if url.startswith("wss:") else {}
    options: dict[str, Any] = {"open_timeout": timeout, "close_timeout": timeout, **tls}
    with connect(url, proxy=None, max_size=_MAX_FRAME, **options) as connection:
        yield SignalingGuest(connection, timeout)
        connection.send(json.dumps({"id": "2", "type": "bye", "bye": {}}))


def _tls(verify: bool | str) -> Any:
    import ssl

    context = ssl.create_default_context(cafile=verify if isinstance(verify, str) else None)
    if verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
