"""Hints through PostgreSQL's LISTEN and NOTIFY, on a connection of their own."""

from typing import Any

import psycopg

from talk_calls.db import transactions

_NAME = "talk_calls"

# With these, a host that is gone without closing the connection is noticed within ten seconds.
_TIMEOUTS: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}


class PostgreSQLChannel:
    """Listens and notifies in one database; a pooler in transaction mode does not support that.

    ``url`` is the database to connect to, or just "postgresql" for the site's own.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: psycopg.Connection | None = None

    @property
    def _connection(self) -> "psycopg.Connection":
        if self._open is None:
            self._open = _connect(self._url)
        return self._open

    def publish(self, text: str) -> None:
        """Send a hint to all who subscribed."""
        self._connection.execute("SELECT pg_notify(%s, %s)", (_NAME, text))

    def subscribe(self) -> None:
        """Begin to receive."""
        self._connection.execute(f"LISTEN {_NAME}")

    def receive(self, timeout: float) -> list[str]:
        """Return the hints that came; do not wait on after the first."""
        notifications = self._connection.notifies(timeout=timeout, stop_after=1)
        return [notification.payload for notification in notifications]

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _connect(url: str) -> "psycopg.Connection":
    if "://" in url:
        return psycopg.connect(url, autocommit=True, **_TIMEOUTS)
    site: Any = transactions.connection().copy()
    site.settings_dict["OPTIONS"].pop("pool", None)  # this connection would never go back to a pool
    params: dict[str, Any] = site.get_connection_params() | _TIMEOUTS
    for name in ("context", "cursor_factory", "prepare_threshold"):
        params.pop(name, None)  # how Django adapts values, which hints do not need
    return psycopg.connect(**params, autocommit=True)
