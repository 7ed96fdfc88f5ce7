"""Hints through Redis or Valkey (extra ``redis``)."""

from typing import Any

from django.utils.crypto import salted_hmac
from redis import Redis, TimeoutError
from redis.backoff import NoBackoff
from redis.retry import Retry

from talk_calls.signaling.channels import OPERATION_TIMEOUT

#: Seconds within which Redis must answer a PING.
_PING_TIMEOUT = 0.3


class RedisChannel:
    """Redis publish/subscribe; its name comes from SECRET_KEY, so that sites can share a Redis."""

    def __init__(self, url: str) -> None:
        redis: Any = Redis.from_url(
            url.replace("valkey", "redis", 1),
            socket_timeout=OPERATION_TIMEOUT,
            socket_connect_timeout=OPERATION_TIMEOUT,
            # If the client reconnected by itself, nobody would notice that hints were missed.
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = redis
        self._subscription = redis.pubsub()
        self._name = f"talk_calls.{salted_hmac(__name__, '', algorithm='sha256').hexdigest()[:16]}"

    def publish(self, text: str) -> None:
        """Send a hint to all who subscribed."""
        self._redis.publish(self._name, text)

    def subscribe(self) -> None:
        """Begin to receive."""
        self._subscription.subscribe(self._name)
        # Until Redis confirms, hints may be published that are not received here.
        if self._next_message(OPERATION_TIMEOUT) is None:
            raise TimeoutError("no confirmation")

    def receive(self, timeout: float) -> list[str]:
        """Return one hint or none; raise ``TimeoutError`` if Redis does not answer a PING."""
        message = self._next_message(timeout)
        if message is None:
            self._subscription.ping()
            message = self._next_message(_PING_TIMEOUT)
        if message is None:
            raise TimeoutError("no answer")
        return [message["data"].decode()] if message["type"] == "message" else []

    def _next_message(self, timeout: float) -> Any:
        """Return the next message of any type, or None after ``timeout`` seconds."""
        return self._subscription.get_message(timeout=timeout)

    def close(self) -> None:
        """Close both connections."""
        self._subscription.close()
        self._redis.close()
