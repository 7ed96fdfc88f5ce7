"""Hints through Redis or Valkey (extra ``redis``)."""

from typing import Any

from django.utils.crypto import salted_hmac
from redis import Redis

from talk_calls.signaling.channels import PATIENCE


class RedisChannel:
    """Publish and subscribe; sites that share a Redis have a channel each."""

    def __init__(self, url: str) -> None:
        redis: Any = Redis.from_url(
            url.replace("valkey", "redis", 1),
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            health_check_interval=1,
        )
        self._redis = redis
        self._subscription = redis.pubsub(ignore_subscribe_messages=True)
        self._name = f"talk_calls.{salted_hmac(__name__, '').hexdigest()[:16]}"

    def publish(self, text: str) -> None:
        """Tell all who listen."""
        self._redis.publish(self._name, text)

    def subscribe(self) -> None:
        """Begin to listen."""
        self._subscription.subscribe(self._name)
        # Redis confirms; until then somebody may tell what we do not hear.
        self._subscription.get_message(timeout=PATIENCE)

    def receive(self, timeout: float) -> list[str]:
        """Return one hint, or nothing."""
        message = self._subscription.get_message(timeout=timeout)
        return [message["data"].decode()] if message else []

    def close(self) -> None:
        """Close both connections."""
        self._subscription.close()
        self._redis.close()
