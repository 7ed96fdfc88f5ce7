"""A client of the High-performance Backend's WebSocket, as an app is."""

import itertools
import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.patience import TooLate

Frame = dict[str, Any]

#: Seconds, long enough for a busy machine.
PATIENCE = 10

_BACKEND_PATH = "/ocs/v2.php/apps/spreed/api/v3/signaling/backend"


class Closed(Exception):
    """The server closed the connection."""


class HPBClient:
    """A connection to ``/spreed``; after ``hello`` it has a session there."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._ids = map(str, itertools.count(1))
        self._unread: list[Frame] = []
        #: All frames that came, in their order.
        self.received: list[Frame] = []
        #: What ``hello`` was answered with.
        self.session_id = ""
        self.resume_id = ""
        self.features: list[str] = []

    # --- what is sent -------------------------------------------------------------------------

    def hello_v1(self, site_url: str, *, user_id: str, ticket: str, **more: Any) -> Frame:
        """Log in with a ticket; return the answer, which may be an error."""
        auth = {"url": site_url + _BACKEND_PATH, "params": {"userid": user_id, "ticket": ticket}}
        return self.hello(version="1.0", auth=auth, **more)

    def hello_v2(self, site_url: str, *, token: str, **more: Any) -> Frame:
        """Log in with a JSON web token; return the answer, which may be an error."""
        auth = {"url": site_url + _BACKEND_PATH, "params": {"token": token}}
        return self.hello(version="2.0", auth=auth, **more)

    def resume(self, resume_id: str) -> Frame:
        """Take up the session of a connection that was lost; return the answer."""
        return self.hello(version="1.0", resumeid=resume_id)

    def hello(self, **body: Any) -> Frame:
        """Send a hello with this content; return the answer, which may be an error."""
        answer = self.request("hello", body)
        if answer["type"] == "hello":
            self.session_id = answer["hello"]["sessionid"]
            self.resume_id = answer["hello"].get("resumeid", self.resume_id)
            self.features = answer["hello"].get("server", {}).get("features", self.features)
        return answer

    def join(self, token: str, session_id: str = "") -> Frame:
        """Join a conversation with a session of the site; return the answer, maybe an error.

        The server answers before it counts the session as one of the room: until it tells the
        session of its own coming, what others do there may pass it by.
        """
        answer = self.request("room", {"roomid": token, "sessionid": session_id})
        if answer["type"] == "room":
            self._find(self._tells_own_joining, PATIENCE, "event that one joined")
        return answer

    def leave(self) -> Frame:
        """Leave the conversation; return the answer."""
        return self.request("room", {"roomid": ""})

    def message(self, data: Any, *, session: str = "", user: str = "") -> None:
        """Send a message to a session, to a user, or to all others in the conversation."""
        self.send("message", {"recipient": _recipient(session, user), "data": data})

    def control(self, data: Any, *, session: str = "", user: str = "") -> None:
        """Send a control message, which needs the permission ``control``."""
        self.send("control", {"recipient": _recipient(session, user), "data": data})

    def bye(self) -> Frame:
        """End the session; return the answer."""
        return self.request("bye", {})

    def send(self, kind: str, body: Any) -> str:
        """Send a frame of a kind; return its id."""
        number = next(self._ids)
        self._connection.send(json.dumps({"id": number, "type": kind, kind: body}))
        return number

    def request(self, kind: str, body: Any) -> Frame:
        """Send a frame; return the frame that answers it."""
        number = self.send(kind, body)
        return self.expect_frame(lambda frame: frame.get("id") == number, what=f"answer to {kind}")

    # --- what comes ---------------------------------------------------------------------------

    def expect(self, kind: str, *, within: float = PATIENCE, **content: Any) -> Frame:
        """Return the content of the first frame like this that was not returned yet.

        ``kind`` is its type; ``content`` is what it has in it, among other things, such as
        ``expect("event", target="room", type="join")``. Raises TooLate after ``within`` seconds.
        """

        def fits(frame: Frame) -> bool:
            body = frame.get(kind) or {}
            return frame["type"] == kind and content.items() <= _plain(body).items()

        frame = self.expect_frame(fits, within=within, what=f"{kind} {content}")
        body: Frame = frame.get(kind) or {}
        return body

    def expect_frame(
        self, fits: Callable[[Frame], bool], *, within: float = PATIENCE, what: str = "such frame"
    ) -> Frame:
        """Return the first frame for which ``fits`` is true and that was not returned yet.

        Raises TooLate after ``within`` seconds.
        """
        return self._unread.pop(self._find(fits, within, what))

    def expect_event(self, target: str, kind: str, *, within: float = PATIENCE) -> Any:
        """Return what an event says: ``expect_event("participants", "update")``."""
        return self.expect("event", within=within, target=target, type=kind)[kind]

    def expect_close(self, *, within: float = PATIENCE) -> None:
        """Wait until the server has closed the connection."""
        try:
            self.expect_frame(lambda _: False, within=within, what="end of the connection")
        except Closed:
            return

    def read(self, seconds: float) -> list[Frame]:
        """Read for some seconds; return all frames that ``expect`` has not returned."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and self._receive(left):
            pass
        unread, self._unread = self._unread, []
        return unread

    def drop(self) -> None:
        """Lose the connection, without a word to the server."""
        self._connection.socket.shutdown(socket.SHUT_RDWR)

    def _find(self, fits: Callable[[Frame], bool], within: float, what: str) -> int:
        """Wait for such a frame; return its position among the unread ones. Raises TooLate."""
        deadline = time.monotonic() + within
        seen = 0
        while True:
            for position in range(seen, len(self._unread)):
                if fits(self._unread[position]):
                    return position
            seen = len(self._unread)
            left = deadline - time.monotonic()
            if left <= 0 or not self._receive(left):
                raise TooLate(f"no {what} in {within} s: {self.received}")

    def _tells_own_joining(self, frame: Frame) -> bool:
        joined = frame.get("event", {}).get("join", [])
        return self.session_id in [each["sessionid"] for each in joined]

    def _receive(self, within: float) -> bool:
        """Read a frame; return False if none came. Raises Closed."""
        try:
            frame = json.loads(self._connection.recv(timeout=within))
        except TimeoutError:
            return False
        except ConnectionClosed as error:
            raise Closed from error
        self.received.append(frame)
        self._unread.append(frame)
        return True


@contextmanager
def connected(websocket_url: str) -> Iterator[HPBClient]:
    """Connect; close the connection after the block, when the session stays for half a minute."""
    with connect(websocket_url, max_size=None, close_timeout=1, proxy=None) as connection:
        yield HPBClient(connection)


def _recipient(session: str, user: str) -> dict[str, str]:
    if session:
        return {"type": "session", "sessionid": session}
    return {"type": "user", "userid": user} if user else {"type": "room"}


def _plain(body: Frame) -> Frame:
    """Return the values that can be compared as members of a set."""
    return {key: value for key, value in body.items() if not isinstance(value, list | dict)}
