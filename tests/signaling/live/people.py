"""HTTP clients that may use any of the servers, and keep their cookies."""

import base64
import http.client
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from talk_calls.constants import ParticipantType
from talk_calls.models import Conversation
from talk_calls.services import app_passwords
from tests.factories import AttendeeFactory, UserFactory
from tests.servers.ports import HOST
from tests.signaling.live.servers import PATIENCE, Server

API = "/ocs/v2.php/apps/spreed/api"


@dataclass(frozen=True)
class Answer:
    """What came back; ``after`` is when, by the monotonic clock."""

    status: int
    data: Any
    after: float

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Return the messages of a poll, read."""
        assert self.status == 200, (self.status, self.data)
        return [json.loads(item["data"]) for item in self.data if item["type"] == "message"]

    @property
    def users(self) -> dict[str, int]:
        """Return the in-call flags of who is here, by session id."""
        return {user["sessionId"]: user["inCall"] for user in self.data[-1]["data"]}


@dataclass
class Person:
    """Somebody with a device in a conversation; ``name`` is empty for guests."""

    token: str
    name: str = ""
    password: str = ""
    session_id: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(
        self, server: Server, method: str, path: str, data: Any = None, version: str = "v3"
    ) -> Answer:
        """Send a request, and wait for the answer."""
        asked = http.client.HTTPConnection(HOST, server.port, timeout=PATIENCE)
        try:
            asked.request(method, self.url(path, version), urlencode(data or {}), self.headers())
            response = asked.getresponse()
            answer = Answer(response.status, _data(response.read()), time.monotonic())
        finally:
            asked.close()
        for header in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: each.value for name, each in SimpleCookie(header).items()}
        return answer

    def done(self, *args: Any, **kwargs: Any) -> Any:
        """Send a request that has to succeed, and return its data."""
        answer = self.ask(*args, **kwargs)
        assert answer.status in (200, 201), answer
        return answer.data

    def come_in(self, server: Server) -> "Person":
        """Go online, and read who is there."""
        entered = self.done(server, "POST", f"room/{self.token}/participants/active")
        self.session_id = entered["sessionId"]
        self.pull(server)
        return self

    def call(self, server: Server, method: str = "POST") -> None:
        """Join the call, or leave it."""
        self.done(server, method, f"call/{self.token}")

    def send(self, server: Server, to: "Person", **fields: Any) -> None:
        """Send a message as clients do: JSON within JSON within a form."""
        text = json.dumps({"to": to.session_id, "type": "offer", **fields})
        item = {"ev": "message", "fn": text, "sessionId": self.session_id}
        self.done(server, "POST", f"signaling/{self.token}", {"messages": json.dumps([item])})

    def pull(self, server: Server) -> Answer:
        """Poll once."""
        return self.ask(server, "GET", f"signaling/{self.token}")

    def read(self, server: Server, known: int = 0, seconds: int = 30) -> Answer:
        """Wait for a message of the chat after a known one."""
        asked = {"lookIntoFuture": 1, "lastKnownMessageId": known, "timeout": seconds}
        return self.ask(server, "GET", f"chat/{self.token}", asked, "v1")

    def url(self, path: str, version: str = "v3") -> str:
        """Return where to ask for something; a path with a slash in front is not of the API."""
        return path if path.startswith("/") else f"{API}/{version}/{path}?format=json"

    def headers(self) -> dict[str, str]:
        """Return what goes with each request."""
        headers = {"OCS-APIRequest": "true", "Content-Type": "application/x-www-form-urlencoded"}
        if self.name:
            credentials = base64.b64encode(f"{self.name}:{self.password}".encode()).decode()
            headers["Authorization"] = f"Basic {credentials}"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={text}" for name, text in self.cookies.items())
        return headers


class Polling:
    """A poll in a thread of its own: waits for news when the block begins, has them after it.

    ``ask`` is how the person polls: for signaling, or by ``Person.read`` for the chat.
    """

    def __init__(
        self, person: Person, server: Server, ask: Callable[[Person, Server], Answer] = Person.pull
    ) -> None:
        self._person, self._server, self._ask = person, server, ask
        self._thread = threading.Thread(target=self._run)
        self._answer: Answer | None = None
        self.error: OSError | http.client.HTTPException | None = None

    def __enter__(self) -> "Polling":
        waiting = self._server.inside()["waiting"]
        self._thread.start()
        self._server.until(waiting=waiting + 1)
        return self

    def __exit__(self, *error: object) -> None:
        self.began = time.monotonic()
        self._thread.join(PATIENCE)

    @property
    def answer(self) -> Answer:
        """Return the answer, which has to be there."""
        assert self._answer is not None, self.error or "the poll did not end"
        return self._answer

    @property
    def took(self) -> float:
        """Return how long it took after the end of the block."""
        return self.answer.after - self.began

    def _run(self) -> None:
        try:
            self._answer = self._ask(self._person, self._server)
        except (OSError, http.client.HTTPException) as error:
            self.error = error


def member(room: Conversation, role: ParticipantType = ParticipantType.USER) -> Person:
    """Return a new member of a conversation."""
    user = UserFactory()
    AttendeeFactory(conversation=room, user=user, participant_type=role)
    _, password = app_passwords.create(user=user, name="live")
    return Person(room.token, user.username, password)


def owner(room: Conversation) -> Person:
    """Return a new owner of a conversation."""
    return member(room, ParticipantType.OWNER)


def guest(room: Conversation) -> Person:
    """Return somebody without an account."""
    return Person(room.token)


def _data(body: bytes) -> Any:
    try:
        return json.loads(body)["ocs"]["data"]
    except ValueError:
        return body
