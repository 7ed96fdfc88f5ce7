"""What all limits ask of the cache in which they count."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.crypto import salted_hmac
from rest_framework.exceptions import Throttled


def digest(message: str) -> str:
    """Return a keyed hash, which reveals nothing and is a valid key in every cache."""
    return salted_hmac("talk_calls.api.throttling", message, algorithm="sha256").hexdigest()


@contextmanager
def may_fail(logger: logging.Logger, warning: str) -> Iterator[None]:
    """Let requests pass uncounted while the cache is away, and log ``warning``."""
    try:
        yield
    except Throttled:
        raise
    except Exception:  # each cache has errors of its own
        logger.warning(warning, exc_info=True)
