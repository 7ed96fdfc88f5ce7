"""Hints through Redis or Valkey (extra ``redis``)."""

from typing import Any

from django.utils.crypto import salted_hmac
from redis import Redis, TimeoutError
from redis.backoff import NoBackoff
from redis.retry import Retry

from talk_calls.signaling.channels import PATIENCE

#: Seconds in which a Redis that is well says that it is.
_PROMPT = 0.3


class RedisChannel:
    """Publish and subscribe; sites that share a Redis have a channel each."""

    def __init__(self, url: str) -> None:
        redis: Any = Redis.from_url(
            url.replace("valkey", "redis", 1),
            socket_timeout=PATIENCE,
            socket_connect_timeout=PATIENCE,
            # A connection that comes back by itself would hide that hints were missed.
            retry=Retry(NoBackoff(), 0),
        )
        self._redis = redis
        self._subscription = redis.pubsub()
        self._name = f"talk_calls.{salted_hmac(__name__, '', algorithm='sha256').hexdigest()[:16]}"

    def publish(self, text: str) -> None:
        """Tell all who listen."""
        self._redis.publish(self._name, text)

    def subscribe(self) -> None:
        """Begin to listen."""
        self._subscription.subscribe(self._name)
        # Redis confirms; until then somebody may tell what we do not hear.
        if self._said(PATIENCE) is None:
            raise TimeoutError("no confirmation")

    def receive(self, timeout: float) -> list[str]:
        """Return one hint, or nothing; a Redis that hangs is told from one with nothing to say."""
        said = self._said(timeout)
        if said is None:
            self._subscription.ping()
            said = self._said(_PROMPT)
        if said is None:
            raise TimeoutError("no answer")
        return [said["data"].decode()] if said["type"] == "message" else []

    def _said(self, timeout: float) -> Any:
        """Return whatever Redis says within some seconds, or None."""
        return self._subscription.get_message(timeout=timeout)

    def close(self) -> None:
        """Close both connections."""
        self._subscription.close()
        self._redis.close()
