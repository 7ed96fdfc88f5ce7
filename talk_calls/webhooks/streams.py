"""Which process works on a stream, and what became of its deliveries.

A process claims a stream for as long as one request may take, in its row: while the request runs
there is no transaction, no row is locked, and no connection waits. Only the next delivery of a
stream is ever sent, and what came of it is stored only by whoever still has the claim. A process
that is killed loses nothing: its claim ends, and the next one sends the same delivery again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from talk_calls.conf import conf
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.models import WebhookDelivery, WebhookEndpoint, WebhookStream
from talk_calls.models.webhooks import NO_CLAIM, DeliveryState
from talk_calls.webhooks import endpoints, retries
from talk_calls.webhooks.requests import Attempt

#: How much longer than a request a claim lasts, for what comes before and after it.
MARGIN = timedelta(seconds=5)

#: How exactly the last success of an endpoint is stored.
_SUCCESS_STEP = timedelta(minutes=1)

#: Why an endpoint is disabled.
GONE = "The receiver answered 410 Gone."
FAILING = "No attempt has succeeded since {since:%Y-%m-%d %H:%M} UTC."


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one delivery, until a time."""

    stream: WebhookStream
    delivery: WebhookDelivery
    until: datetime


@retried
def claim(endpoint: WebhookEndpoint, most: int, now: datetime) -> list[Claim]:
    """Claim up to ``most`` streams of an endpoint in which a delivery is due."""
    with transactions.atomic():
        due = WebhookStream.objects.due(now).filter(endpoint=endpoint)
        claims = [_claimed(stream, now) for stream in _unlocked(due)[:most]]
    return [claim for claim in claims if claim is not None]


@retried
def store(claim: Claim, attempt: Attempt, now: datetime, *, goes_on: bool) -> Claim | None:
    """Store what came of a delivery; return the claim of the next one of the stream, if it is due.

    Without ``goes_on`` the stream is given back in any case. Nothing is stored if the claim ended
    and somebody else took the stream: they send the delivery again.
    """
    with transactions.atomic():
        # A write first: what is pending is read after everybody else's changes of the stream.
        if not _hold(claim.stream.pk, claim.until, until := now + _claim_time()):
            return None
        pending = WebhookDelivery.objects.filter(pk=claim.delivery.pk).pending()
        pending.update(**_stored(claim.delivery, attempt, now))
        return _next(claim.stream, until, now, goes_on=goes_on)


def give_back(claim: Claim) -> None:
    """Let others send the delivery of a claim, of which nothing came."""
    _claimed_rows(claim.stream.pk, claim.until).update(claimed_until=NO_CLAIM)


def note(endpoint: WebhookEndpoint, claim: Claim, attempt: Attempt, now: datetime) -> None:
    """Note on an endpoint whether it works; one that was gone, or failed for days, is disabled."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if attempt.is_success:
        stale = Q(last_success_at=None) | Q(last_success_at__lt=now - _SUCCESS_STEP)
        noted = rows.filter(stale | Q(failing_since__isnull=False))
        noted.update(failing_since=None, last_success_at=now)
        return
    rows.filter(failing_since=None).update(failing_since=now)
    if attempt.is_gone:
        endpoints.disable(endpoint, GONE)
        return
    since = rows.values_list("failing_since", flat=True).first()
    has_failed_often = claim.delivery.attempts + 1 >= retries.LEAST_ATTEMPTS
    if since is not None and now - since >= retries.DISABLED_AFTER and has_failed_often:
        endpoints.disable(endpoint, FAILING.format(since=since))


def _claimed(stream: WebhookStream, now: datetime) -> Claim | None:
    until = now + _claim_time()
    if not _hold(stream.pk, stream.claimed_until, until):
        return None
    return _next(stream, until, now, goes_on=True)


def _hold(stream: int, before: datetime, until: datetime) -> int:
    """Let a claim last longer, if it has not changed; return how many rows there are: 1 or 0."""
    return _claimed_rows(stream, before).update(claimed_until=until)


def _claimed_rows(stream: int, until: datetime) -> QuerySet[WebhookStream]:
    return WebhookStream.objects.filter(pk=stream, claimed_until=until)


def _next(stream: WebhookStream, until: datetime, now: datetime, *, goes_on: bool) -> Claim | None:
    """Return the claim of the first pending delivery, or give the stream back."""
    pending = WebhookDelivery.objects.of_stream(stream).pending()
    first = pending.select_related("event").first()
    due_at = first.next_attempt_at if first is not None else None
    if goes_on and first is not None and due_at is not None and due_at <= now:
        return Claim(stream, first, until)
    WebhookStream.objects.filter(pk=stream.pk).update(due_at=due_at, claimed_until=NO_CLAIM)
    return None


def _stored(delivery: WebhookDelivery, attempt: Attempt, now: datetime) -> dict[str, object]:
    """Return the fields of a delivery after an attempt."""
    attempts = delivery.attempts + 1
    fields: dict[str, object] = {
        "attempts": attempts,
        "last_attempt_at": now,
        "next_attempt_at": None,
        "status_code": attempt.status_code,
        "response": attempt.response,
        "error": attempt.error[:255],
        "duration": attempt.duration,
    }
    if attempt.is_success:
        return fields | {"state": DeliveryState.DELIVERED, "delivered_at": now}
    if retries.is_given_up(delivery, attempts, now):
        return fields | {"state": DeliveryState.DEAD}
    return fields | {"next_attempt_at": now + retries.pause_after(attempts, attempt.retry_after)}


def _claim_time() -> timedelta:
    return conf.webhook_timeout + MARGIN


def _unlocked(rows: QuerySet[WebhookStream]) -> QuerySet[WebhookStream]:
    """Lock the rows that no other transaction has locked, and leave out the others."""
    if not transactions.connection().features.has_select_for_update_skip_locked:
        return rows  # SQLite: a transaction locks everything
    return rows.select_for_update(skip_locked=True, of=("self",))
