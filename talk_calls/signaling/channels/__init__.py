"""Channels that carry hints between processes: Redis, or the database itself."""

from typing import Protocol

#: Seconds that any operation of a channel may take, apart from waiting for hints.
OPERATION_TIMEOUT = 1.0


class Channel(Protocol):
    """One connection, to publish or to receive, used by one thread.

    Any method may raise when the connection is lost; close the channel then and open a new one.
    """

    def publish(self, text: str) -> None:
        """Send a hint to all who subscribed."""

    def subscribe(self) -> None:
        """Begin to receive: every hint that is published after this returns."""

    def receive(self, timeout: float) -> list[str]:
        """Wait up to ``timeout`` seconds and return the hints that came, perhaps none."""

    def close(self) -> None:
        """Close the connection."""


def open_channel(url: str) -> Channel:
    """Return a channel to a ``TALK_CALLS["WAKEUP"]``; it connects when it is first used."""
    if url.startswith(("redis", "valkey")):
        from talk_calls.signaling.channels.redis import RedisChannel

        return RedisChannel(url)
    from talk_calls.signaling.channels.postgresql import PostgreSQLChannel

    return PostgreSQLChannel(url)
