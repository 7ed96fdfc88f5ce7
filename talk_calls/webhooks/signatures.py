"""The headers of webhooks, signed as Standard Webhooks says."""

from collections.abc import Iterable
from datetime import datetime
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from talk_calls import __version__


def is_installed() -> bool:
    """Tell whether the extra ``webhooks`` is installed, without importing it."""
    return find_spec("standardwebhooks") is not None


def require() -> None:
    """Raise ``ImproperlyConfigured`` without the extra ``webhooks``."""
    if not is_installed():
        raise ImproperlyConfigured("Webhooks need: pip install 'talk-calls[webhooks]'")


def signed_headers(
    message_id: str, body: bytes, *, secrets: Iterable[str], now: datetime
) -> dict[str, str]:
    """Return the headers of one attempt, with a signature by each secret.

    ``message_id`` is the same in each attempt, by which receivers know a repetition; the time is
    that of the attempt, by which they refuse what somebody recorded.
    """
    from standardwebhooks import Webhook

    text = body.decode()
    signatures = [Webhook(secret).sign(message_id, now, text) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": f"talk_calls/{__version__}",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
