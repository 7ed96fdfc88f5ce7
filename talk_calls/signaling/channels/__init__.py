"""What carries hints between processes: Redis, or the database itself."""

from typing import Protocol

#: Seconds that a channel may take for anything but waiting.
PATIENCE = 1.0


class Channel(Protocol):
    """One connection, for telling or for hearing; whoever has it uses it from one thread.

    Anything may raise when the connection is lost; the channel is closed then, and made anew.
    """

    def publish(self, text: str) -> None:
        """Tell all who listen."""

    def subscribe(self) -> None:
        """Begin to listen; what is told from now on is heard."""

    def receive(self, timeout: float) -> list[str]:
        """Return what was told, after ``timeout`` seconds at most; nothing is an empty list."""

    def close(self) -> None:
        """Give the connection back."""


def open_channel(url: str) -> Channel:
    """Return a channel by ``TALK_CALLS["WAKEUP"]``; it connects when it is first used."""
    if url.startswith(("redis", "valkey")):
        from talk_calls.signaling.channels.redis import RedisChannel

        return RedisChannel(url)
    from talk_calls.signaling.channels.postgresql import PostgreSQLChannel

    return PostgreSQLChannel(url)
