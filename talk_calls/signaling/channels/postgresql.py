"""Hints through PostgreSQL's LISTEN and NOTIFY, on a connection of their own."""

from typing import Any

import psycopg

from talk_calls.db import transactions

_NAME = "talk_calls"

# A host that went away without a word is noticed within some ten seconds.
_PROMPTLY: dict[str, Any] = {
    "connect_timeout": 2,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}


class PostgreSQLChannel:
    """Listens and notifies in one database; a pooler by transaction cannot carry that.

    ``url`` is where to connect, or just "postgresql" for the site's own database.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._open: psycopg.Connection[Any] | None = None

    @property
    def _connection(self) -> "psycopg.Connection[Any]":
        if self._open is None:
            self._open = _connect(self._url)
        return self._open

    def publish(self, text: str) -> None:
        """Tell all who listen."""
        self._connection.execute("SELECT pg_notify(%s, %s)", (_NAME, text))

    def subscribe(self) -> None:
        """Begin to listen."""
        self._connection.execute(f"LISTEN {_NAME}")

    def receive(self, timeout: float) -> list[str]:
        """Return what was told; after the first hint it waits no longer."""
        told = self._connection.notifies(timeout=timeout, stop_after=1)
        return [notification.payload for notification in told]

    def close(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open.close()
            self._open = None


def _connect(url: str) -> "psycopg.Connection[Any]":
    if "://" in url:
        return psycopg.connect(url, autocommit=True, **_PROMPTLY)
    site: Any = transactions.connection().copy()
    site.settings_dict["OPTIONS"].pop("pool", None)  # it would never come back
    params: dict[str, Any] = site.get_connection_params() | _PROMPTLY
    for ours in ("context", "cursor_factory", "prepare_threshold"):
        params.pop(ours, None)  # Django's ways with values, which a hint does not need
    return psycopg.connect(**params, autocommit=True)
