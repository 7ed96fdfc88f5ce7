"""Devices that act: they send requests to whichever server, and note what they were promised."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http import HTTPStatus

from tests.race import wire
from tests.race.history import Client, History, Step, name_of
from tests.race.processes import Server

_API = "/ocs/v2.php/apps/spreed/api/v3"

#: Actions whose argument is another client.
_ABOUT_OTHERS = ("kick", "invite")

#: How often somebody tries again to enter.
_AGAIN = 3

#: How long a cut connection may take to be felt.
CUT_TAKES = timedelta(seconds=0.2)


@dataclass(frozen=True)
class Join:
    """A join that was acknowledged: ``who`` is a username, ``keys`` a guest's sessions."""

    conversation: str
    who: str
    keys: frozenset[str]
    sent: datetime
    answered: datetime


@dataclass(frozen=True)
class Ping:
    """A ping that was acknowledged, and when it was stored at the latest, by the site's clock."""

    conversation: str
    key: str
    at: datetime
    stored: datetime


@dataclass
class Witness:
    """What was seen from outside."""

    statuses: Counter[str] = field(default_factory=Counter)
    joins: list[Join] = field(default_factory=list)
    pings: list[Ping] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    #: When somebody cut connections of the site to its database, by our clock.
    cuts: list[datetime] = field(default_factory=list)

    def was_cut(self, since: datetime, until: datetime) -> bool:
        """Tell whether a cut was felt between two moments."""
        return any(cut <= until and since <= cut + CUT_TAKES for cut in self.cuts)


@dataclass
class Device:
    """One client of a history, with its credentials or its cookies."""

    history: History
    client: Client
    credentials: str | None
    servers: Sequence[Server]
    witness: Witness
    session_id: str = "0"
    keys: set[str] = field(default_factory=set)
    _cookies: dict[str, str] = field(default_factory=dict)

    @property
    def who(self) -> str:
        """Return the username, or nothing for a guest."""
        return "" if self.client.person is None else name_of(self.client.person)

    async def do(self, step: Step, others: Sequence["Device"] = ()) -> wire.Answer | None:
        """Send the request of a step, note what it was answered, and return that."""
        method, path, values = self._request(step, others)
        sent = datetime.now(UTC)
        answer = await self._ask(method, path, values, step.action)
        for _ in range(_AGAIN if step.action == "enter" else 0):
            if answer is not None and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
                break  # whoever does not get in has nothing to race with
            answer = await self._ask(method, path, values, step.action)
        if answer is None or answer.status != HTTPStatus.OK:
            return answer
        answered = datetime.now(UTC)
        token, keys = self.history.token, frozenset(self.keys)
        if self.client.keeps_cookies:
            self._cookies |= answer.cookies
        match step.action:
            case "enter":
                self._entered(answer.data["sessionId"])
            case "join" if step.argument:
                self.witness.joins.append(Join(token, self.who, keys, sent, answered))
            case "ping":
                data = answer.data
                at, stored = map(datetime.fromisoformat, (data["at"], data["stored"]))
                self.witness.pings.append(Ping(token, data["key"], at, stored))
        return answer

    def _entered(self, session_id: str) -> None:
        self.session_id = session_id
        self.keys.add(sha256(session_id.encode()).hexdigest()[:32])

    async def _ask(self, method: str, path: str, values: object, action: str) -> wire.Answer | None:
        server = random.choice([s for s in self.servers if s.up] or self.servers)
        deaths, was_up, sent = server.deaths, server.up, datetime.now(UTC)
        body = json.dumps(values) if values is not None else ""
        try:
            answer = await wire.ask(server.port, method, path, self._headers(), body)
        except TimeoutError:
            self._complain(f"{action} was never answered")
            return None
        survived = was_up and server.up and server.deaths == deaths
        status = str(answer.status) if answer else "broken"
        self.witness.statuses[status] += 1
        if answer is None and survived:
            self._complain(f"{action}: a server that lives broke the connection")
        if answer and answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._judge(answer, action, sent)
        return answer

    def _judge(self, answer: wire.Answer, action: str, sent: datetime) -> None:
        cut = self.witness.was_cut(sent, datetime.now(UTC))
        if answer.status == HTTPStatus.SERVICE_UNAVAILABLE and cut and answer.retry_after:
            return
        self._complain(f"{action} was answered {answer.status}, cut {cut}: {answer.body[:200]!r}")

    def _complain(self, what: str) -> None:
        self.witness.complaints.append(f"{self.history.token} {self.who or 'guest'}: {what}")

    def _headers(self) -> dict[str, str]:
        headers = {}
        if self.credentials:
            headers["Authorization"] = f"Basic {self.credentials}"
        if self._cookies:
            headers["Cookie"] = "; ".join(
                f"{name}={value}" for name, value in self._cookies.items()
            )
        return headers

    def _request(self, step: Step, others: Sequence["Device"]) -> tuple[str, str, object]:
        """Return method, path and body of a step."""
        token = self.history.token
        call, room = f"{_API}/call/{token}?format=json", f"{_API}/room/{token}"
        active, doors = f"{room}/participants/active?format=json", f"/race/{token}"
        lobby, lock = f"{room}/webinar/lobby?format=json", f"{room}/read-only?format=json"
        whom = others[step.argument] if step.action in _ABOUT_OTHERS else self
        requests: dict[str, tuple[str, str, object]] = {
            "enter": ("POST", active, {"force": True}),
            "leave_room": ("DELETE", active, None),
            "join": ("POST", call, {"flags": step.argument}),
            "leave": ("DELETE", call, None),
            "list": ("GET", call, None),
            "lock": ("PUT", lock, {"state": 1}),
            "unlock": ("PUT", lock, {"state": 0}),
            "raise_lobby": ("PUT", lobby, {"state": 1}),
            "lower_lobby": ("PUT", lobby, {"state": 0}),
            "invite": ("POST", f"{room}/participants?format=json", {"newParticipant": whom.who}),
            "ping": ("POST", f"{doors}/ping?format=json", None),
            "kick": ("POST", f"{doors}/kick?format=json&{whom.as_target}", None),
            "remove": ("POST", f"{doors}/remove?format=json", None),
        }
        return requests[step.action]

    @property
    def as_target(self) -> str:
        """Return how somebody else names this one in a query."""
        return f"user={self.who}" if self.who else f"session={self.session_id.replace('+', '%2B')}"
