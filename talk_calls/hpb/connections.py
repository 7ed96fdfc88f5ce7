"""HTTP to signaling servers: signed requests over connections that are kept."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock
from typing import Any

import urllib3
from urllib3.exceptions import HTTPError, ProtocolError

from talk_calls.hpb.signatures import sign
from talk_calls.servers import SignalingServer

#: Seconds for a connection and for an answer. The HPB answers before it tells its clients.
CONNECT_TIMEOUT, READ_TIMEOUT = 1.0, 2.0

#: How many requests one server gets from one process at the same time.
PARALLEL = 4

_FEATURES_HEADER = "X-Spreed-Signaling-Features"


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a server says about itself; ``date`` is its time, None if it does not tell."""

    version: str
    features: frozenset[str]
    date: datetime | None


class Unreachable(Exception):
    """The server did not answer, or said that it cannot or does not want to.

    ``status`` is that of its answer, 0 without one.
    """

    def __init__(self, reason: str, status: int = 0) -> None:
        super().__init__(reason)
        self.status = status


class Refused(Exception):
    """The server does not take what it was told of one conversation, and is up."""


@dataclass
class Connection:
    """The way to one server; its methods may be called by several threads."""

    server: SignalingServer
    _features: frozenset[str] | None = None
    _pool: Any = field(init=False)

    def __post_init__(self) -> None:
        self._pool = _pool(self.server)

    def features(self) -> frozenset[str]:
        """Return what the server can do: as its last answer said, or it is asked now.

        Raises ``Unreachable``.
        """
        if self._features is None:
            self.welcome()
        return self._features or frozenset()

    def welcome(self) -> Welcome:
        """Ask a server what it is; raises ``Unreachable``, also if it is no HPB."""
        answer = self._request("GET", "api/v1/welcome", b"", {})
        try:
            version = str(answer.json()["version"])
        except (KeyError, RecursionError, TypeError, ValueError) as error:
            raise Unreachable("it is no signaling server") from error
        return Welcome(version, _features_of(answer.headers), _date_of(answer.headers))

    def post(self, token: str, body: bytes) -> None:
        """Send a message about a conversation; raises ``Unreachable`` and ``Refused``."""
        headers = {"Content-Type": "application/json", **sign(self.server.secret, body)}
        self._request("POST", f"api/v1/room/{token}", body, headers)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def _request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Any:
        url = f"{self.server.url}/{path}"
        try:
            answer = self._send(method, url, body, headers)
        except HTTPError as error:
            raise Unreachable(type(error).__name__) from error
        self._features = _features_of(answer.headers)
        if answer.status in (400, 411, 413):
            raise Refused(f"HTTP {answer.status}")
        if answer.status != 200:  # noqa: PLR2004 -- wrong secret, overload, a proxy in front
            raise Unreachable(f"HTTP {answer.status}", answer.status)
        return answer

    def _send(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> Any:
        kept = {"body": body, "headers": headers, "retries": False, "redirect": False}
        try:
            return self._pool.urlopen(method, url, **kept)
        except ProtocolError:  # a kept connection that the server closed meanwhile
            return self._pool.urlopen(method, url, **kept)


def connection_to(server: SignalingServer) -> Connection:
    """Return the connection of this process to a server; a changed setting makes a new one."""
    with _lock:
        if server not in _connections:
            _connections[server] = Connection(server)
        return _connections[server]


def close_all() -> None:
    """Forget all connections."""
    with _lock:
        for connection in _connections.values():
            connection.close()
        _connections.clear()


def _features_of(headers: Any) -> frozenset[str]:
    names = headers.get(_FEATURES_HEADER, "").split(",")
    return frozenset(name.strip() for name in names if name.strip())


def _date_of(headers: Any) -> datetime | None:
    try:
        date = parsedate_to_datetime(headers.get("Date", ""))
    except (OverflowError, ValueError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _pool(server: SignalingServer) -> Any:
    tls: dict[str, Any] = {}
    if server.url.startswith("https:"):
        tls["cert_reqs"] = "CERT_NONE" if server.verify is False else "CERT_REQUIRED"
        if isinstance(server.verify, str):
            tls["ca_certs"] = server.verify
    return urllib3.connectionpool.connection_from_url(
        server.url,
        timeout=urllib3.Timeout(connect=CONNECT_TIMEOUT, read=READ_TIMEOUT),
        maxsize=PARALLEL,
        block=False,
        **tls,
    )


_connections: dict[SignalingServer, Connection] = {}
_lock = Lock()


def _reset_after_fork() -> None:
    """Share no connection with the parent of a forked process."""
    global _lock  # noqa: PLW0603 -- it may have been held at the fork
    _lock = Lock()
    _connections.clear()


os.register_at_fork(after_in_child=_reset_after_fork)
