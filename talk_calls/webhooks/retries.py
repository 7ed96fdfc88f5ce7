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

#: A delivery is given up at this age, but not before so many attempts of the first of its stream.
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
    """Tell whether a delivery that failed so often is given up.

    If the one before it was given up, a single attempt is enough: otherwise a conversation that the
    receiver always refuses would get events faster than they are given up.
    """
    if now - delivery.queued_at < GIVEN_UP_AFTER:
        return False
    return attempts >= LEAST_ATTEMPTS or _is_next_of_given_up(delivery, now)


def _is_next_of_given_up(delivery: WebhookDelivery, now: datetime) -> bool:
    """Tell whether the receiver has refused the delivery before it for good.

    That was not long ago: what is dead because its endpoint was disabled says nothing about now.
    """
    before = WebhookDelivery.objects.dead().filter(
        endpoint=delivery.endpoint_id,
        conversation_id=delivery.conversation_id,
        number=delivery.number - 1,
    )
    return before.filter(last_attempt_at__gt=now - GIVEN_UP_AFTER).exists()
