"""When a delivery that failed is attempted again, and when it is given up."""

import random
from datetime import datetime, timedelta

from talk_calls.models import WebhookDelivery

#: The longest pauses after the first failures; the last one is that of all further ones, too.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
)

#: For how long a receiver may ask us to wait.
LONGEST_RETRY_AFTER = timedelta(hours=6)

#: A delivery is given up at this age, but not before so many attempts.
GIVEN_UP_AFTER, LEAST_ATTEMPTS = timedelta(days=2), 8

#: An endpoint is disabled that had no success for so long, however many deliveries it got.
DISABLED_AFTER = timedelta(days=5)


def pause_after(attempts: int, retry_after: timedelta | None) -> timedelta:
    """Return for how long to wait after so many failed attempts.

    It is a random part of the pause (full jitter), so that what failed together is not attempted
    together again; or what the receiver asked for, if that is longer and within bounds.
    """
    longest = PAUSES[min(attempts, len(PAUSES)) - 1]
    pause = longest * random.random()  # noqa: S311 -- no secret
    return max(pause, min(retry_after or timedelta(0), LONGEST_RETRY_AFTER))


def is_given_up(delivery: WebhookDelivery, attempts: int, now: datetime) -> bool:
    """Tell whether a delivery that failed so often is given up."""
    return attempts >= LEAST_ATTEMPTS and now - delivery.queued_at >= GIVEN_UP_AFTER
