"""Clients that send the requests of a history to random servers, and check the responses."""

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import quote_plus

from talk_calls.contrib.simulation.http import Connection, NoResponse, Response, Unreachable
from tests.race.history import Client, History, Step, username_of
from tests.race.observer import Join, Observer, Ping
from tests.race.processes import Server
from tests.servers.web import PROXY_HEADERS

_API = "/ocs/v2.php/apps/spreed/api/v3"

#: Each request has a connection of its own, so that none breaks for a kill before it was sent.
_HEADERS = {**PROXY_HEADERS, "Connection": "close"}

#: Seconds after which a request counts as never answered.
_TIMEOUT = 100

#: Actions whose argument is another client.
_ABOUT_OTHERS = ("kick", "invite")

#: How often a failed "enter" is repeated: a client that is not in takes part in no race.
_ENTER_RETRIES = 3


@dataclass
class Device:
    """One client of a history, with its credentials or its cookies.

    ``keys`` are those of all sessions that it ever had.
    """

    history: History
    client: Client
    credentials: str | None
    servers: Sequence[Server]
    observer: Observer
    session_id: str = "0"
    keys: set[str] = field(default_factory=set)
    _cookies: dict[str, str] = field(default_factory=dict)

    @property
    def username(self) -> str:
        """Return the username; empty for a guest."""
        return "" if self.client.person is None else username_of(self.client.person)

    async def perform(self, step: Step, others: Sequence["Device"] = ()) -> Response | None:
        """Send the request of a step, record what the response acknowledges, and return it.

        Returns None if the connection broke.
        """
        method, path, values = self._request_of(step, others)
        sent = datetime.now(UTC)
        response = await self._send(method, path, values, step.action)
        for _ in range(_ENTER_RETRIES if step.action == "enter" else 0):
            if response is not None and response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                break
            response = await self._send(method, path, values, step.action)
        if response is not None and response.status == HTTPStatus.OK:
            self._record(step, sent, response)
        return response

    def _record(self, step: Step, sent: datetime, response: Response) -> None:
        answered = datetime.now(UTC)
        token, keys = self.history.token, frozenset(self.keys)
        if self.client.keeps_cookies:
            self._cookies |= response.cookies
        match step.action:
            case "enter":
                self._entered(response.data["sessionId"])
            case "join" if step.argument:
                self.observer.joins.append(Join(token, self.username, keys, sent, answered))
            case "ping":
                data = response.data
                at, stored = map(datetime.fromisoformat, (data["at"], data["stored"]))
                self.observer.pings.append(Ping(token, data["key"], at, stored))

    def _entered(self, session_id: str) -> None:
        self.session_id = session_id
        self.keys.add(sha256(session_id.encode()).hexdigest()[:32])

    async def _send(
        self, method: str, path: str, values: Mapping[str, object] | None, action: str
    ) -> Response | None:
        server = random.choice([server for server in self.servers if server.is_up] or self.servers)
        kills, was_up, sent = server.kills, server.is_up, datetime.now(UTC)
        body = json.dumps(values).encode() if values is not None else b""
        headers = dict(_HEADERS)
        if self.credentials:
            headers["Authorization"] = f"Basic {self.credentials}"
        connection = Connection(server.url, headers, dict(self._cookies), _TIMEOUT)
        response = None
        try:
            response = await connection.request(method, path, body)
        except NoResponse:
            self._add_error(f"{action} was never answered")
            return None
        except Unreachable:
            if was_up and server.is_up and server.kills == kills:
                self._add_error(f"{action}: a running server broke the connection")
        finally:
            connection.close()
        self.observer.statuses[str(response.status) if response else "broken"] += 1
        if response and response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._check_server_error(response, action, sent)
        return response

    def _check_server_error(self, response: Response, action: str, sent: datetime) -> None:
        """Record an error, unless it is a 503 with Retry-After for a lost connection."""
        was_cut = self.observer.was_cut(sent, datetime.now(UTC))
        is_unavailable = response.status == HTTPStatus.SERVICE_UNAVAILABLE
        if was_cut and is_unavailable and "retry-after" in response.headers:
            return
        cause = "connections were cut" if was_cut else "no connection was cut"
        self._add_error(f"{action}: {response.status} while {cause}: {response.body[:200]!r}")

    def _add_error(self, what: str) -> None:
        self.observer.errors.append(f"{self.history.token} {self.username or 'guest'}: {what}")

    def _request_of(
        self, step: Step, others: Sequence["Device"]
    ) -> tuple[str, str, Mapping[str, object] | None]:
        """Return method, path and body of a step."""
        token = self.history.token
        call, room = f"{_API}/call/{token}?format=json", f"{_API}/room/{token}"
        active, race = f"{room}/participants/active?format=json", f"/race/{token}"
        lobby, lock = f"{room}/webinar/lobby?format=json", f"{room}/read-only?format=json"
        target = others[step.argument] if step.action in _ABOUT_OTHERS else self
        invited = {"newParticipant": target.username}
        requests: dict[str, tuple[str, str, Mapping[str, object] | None]] = {
            "enter": ("POST", active, {"force": True}),
            "leave_room": ("DELETE", active, None),
            "join": ("POST", call, {"flags": step.argument}),
            "leave": ("DELETE", call, None),
            "list": ("GET", call, None),
            "lock": ("PUT", lock, {"state": 1}),
            "unlock": ("PUT", lock, {"state": 0}),
            "raise_lobby": ("PUT", lobby, {"state": 1}),
            "lower_lobby": ("PUT", lobby, {"state": 0}),
            "invite": ("POST", f"{room}/participants?format=json", invited),
            "ping": ("POST", f"{race}/ping?format=json", None),
            "kick": ("POST", f"{race}/kick?format=json&{target.as_query}", None),
            "remove": ("POST", f"{race}/remove?format=json", None),
        }
        return requests[step.action]

    @property
    def as_query(self) -> str:
        """Return the query that names this client in another client's request."""
        if self.username:
            return f"user={self.username}"
        return f"session={quote_plus(self.session_id)}"
