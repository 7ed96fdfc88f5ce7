"""Which process works on a stream, and what became of its deliveries.

A process claims a stream for as long as one request may take, in its row: while the request runs
there is no transaction, no row is locked, and no connection waits. Only the next delivery of a
stream is ever sent, and what came of it is stored only by whoever still has the claim. A process
that is killed loses nothing: its claim ends, and the next one sends the same delivery again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import OuterRef, QuerySet, Subquery

from talk_calls.conf import conf
from talk_calls.db import locks, transactions
from talk_calls.db.retries import retried
from talk_calls.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookStream
from talk_calls.models.webhooks import NO_CLAIM, DeliveryState, DisabledReason
from talk_calls.webhooks import endpoints, retries
from talk_calls.webhooks.requests import Attempt

#: How much longer than a request a claim lasts, for what comes before and after it.
MARGIN = timedelta(seconds=5)

#: How exactly the last success of an endpoint is stored.
_SUCCESS_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one delivery, until a time."""

    stream: WebhookStream
    delivery: WebhookDelivery
    until: datetime


@retried
def claim(endpoint: WebhookEndpoint, most: int, now: datetime) -> list[Claim]:
    """Claim up to ``most`` streams of an endpoint in which a delivery is due."""
    due = WebhookStream.objects.due(now).filter(endpoint=endpoint)
    if not due.exists():
        return []
    until = now + _claim_time()
    with transactions.atomic():
        streams = list(locks.free_first(due, "claimed_until")[:most])
        WebhookStream.objects.filter(pk__in=[each.pk for each in streams]).update(
            claimed_until=until
        )
        firsts = _firsts(streams)
        claims = [
            _claim_or_give_back(stream, firsts.get(stream.conversation_id), until, now)
            for stream in streams
        ]
    return [claim for claim in claims if claim is not None]


@retried
def store(claim: Claim, attempt: Attempt, now: datetime, *, goes_on: bool) -> Claim | None:
    """Store what came of a delivery; return the claim of the next one of the stream, if it is due.

    Without ``goes_on`` the stream is given back in any case. Nothing is stored if the claim ended
    and somebody else took the stream: they send the delivery again.
    """
    until = now + _claim_time()
    with transactions.atomic():
        # A write first: what is pending is read after everybody else's changes of the stream.
        if not _mine(claim).update(claimed_until=until):
            return None
        pending = WebhookDelivery.objects.filter(pk=claim.delivery.pk).pending()
        pending.update(**_stored(claim.delivery, attempt, now))
        # After that write: an erasure waits for it and then erases answers, or came first.
        if attempt.response and not _is_as_sent(claim.delivery):
            WebhookDelivery.objects.filter(pk=claim.delivery.pk).update(response="")
        rest = WebhookDelivery.objects.of_stream(claim.stream).pending().select_related("event")
        return _claim_or_give_back(claim.stream, rest.first(), until, now, goes_on=goes_on)


def note(endpoint: WebhookEndpoint, claim: Claim, attempt: Attempt, now: datetime) -> None:
    """Note on an endpoint whether it works; one that was gone, or failed for days, is disabled."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk)
    if attempt.is_success:
        known = endpoint.last_success_at
        if endpoint.failing_since or known is None or known < now - _SUCCESS_STEP:
            rows.update(failing_since=None, last_success_at=now)
            endpoint.failing_since, endpoint.last_success_at = None, now
        return
    if endpoint.failing_since is None:
        rows.filter(failing_since=None).update(failing_since=now)
        endpoint.failing_since = now
    if attempt.is_gone:
        endpoints.disable(endpoint, DisabledReason.GONE)
        return
    since = endpoint.failing_since
    has_failed_often = claim.delivery.attempts + 1 >= retries.LEAST_ATTEMPTS
    if now - since >= retries.DISABLED_AFTER and has_failed_often:
        endpoints.disable(endpoint, DisabledReason.FAILING)


def _mine(claim: Claim) -> QuerySet[WebhookStream]:
    """Return the row of a claim, if nobody else has claimed the stream since."""
    return WebhookStream.objects.filter(pk=claim.stream.pk, claimed_until=claim.until)


def _firsts(streams: Iterable[WebhookStream]) -> dict[int, WebhookDelivery]:
    """Return the first pending delivery of each stream of one endpoint, by its conversation."""
    pending = WebhookDelivery.objects.pending().filter(
        endpoint=OuterRef("endpoint"), conversation_id=OuterRef("conversation_id")
    )
    first = Subquery(pending.order_by("number").values("pk")[:1])
    rows = WebhookStream.objects.filter(pk__in=[stream.pk for stream in streams])
    found = WebhookDelivery.objects.filter(pk__in=rows.values_list(first))
    return {delivery.conversation_id: delivery for delivery in found.select_related("event")}


def _claim_or_give_back(
    stream: WebhookStream,
    first: WebhookDelivery | None,
    until: datetime,
    now: datetime,
    *,
    goes_on: bool = True,
) -> Claim | None:
    """Return the claim of the first pending delivery, or give the stream back if it is not due."""
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


def _is_as_sent(delivery: WebhookDelivery) -> bool:
    """Tell whether the event still says what was sent: an answer may repeat an erased person."""
    event = OutboxEvent.objects.filter(pk=delivery.event_id).values_list("payload", flat=True)
    return bool(event.first() == delivery.event.payload)


def _claim_time() -> timedelta:
    return conf.webhook_timeout + MARGIN
