"""Endpoints of webhooks and what they were sent, as the admin, commands and monitoring show it.

Addresses are shown without what could be a secret in them: a login, and the query.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypedDict
from urllib.parse import urlsplit

from django.db.models import Count, Exists, IntegerField, Min, OuterRef, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls.constants import EventType
from talk_calls.models import OutboxEvent, WebhookDelivery, WebhookEndpoint, WebhookStream
from talk_calls.models.webhooks import DeliveryState, DisabledReason
from talk_calls.reports.formatting import datetime_text, number_text

#: Deliveries that are counted of an endpoint, at most: more is "1,000+".
MOST_COUNTED = 1000

#: How long an event may wait before nobody seems to deliver: a loop looks every few seconds.
LATE = timedelta(minutes=5)

#: What people call the types of events, in the groups in which forms show them.
TYPE_GROUPS: Mapping[str | Promise, Mapping[EventType, str | Promise]] = {
    _("Calls"): {
        EventType.CALL_STARTED: _("A call started"),
        EventType.CALL_ENDED: _("A call ended"),
        EventType.CALL_MISSED: _("A call was missed"),
        EventType.CALL_RANG: _("A call rang"),
    },
    _("Who is in a call"): {
        EventType.CALL_JOINED: _("A device joined"),
        EventType.CALL_LEFT: _("A device left"),
        EventType.CALL_FLAGS_CHANGED: _("A device sends other media"),
    },
    _("Devices in a conversation"): {
        EventType.SESSION_OPENED: _("A device came"),
        EventType.SESSION_CLOSED: _("A device went"),
    },
    _("Conversations"): {
        EventType.CONVERSATION_CREATED: _("Conversation created"),
        EventType.CONVERSATION_CHANGED: _("Conversation changed"),
        EventType.CONVERSATION_DELETED: _("Conversation deleted"),
    },
    _("Moderation"): {
        EventType.MODERATION: _("Somebody moderated"),
    },
}


def type_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the groups of types with their words, as choices of a form are written."""
    return [
        (str(group), [(each.value, str(text)) for each, text in types.items()])
        for group, types in TYPE_GROUPS.items()
    ]


class EndpointFacts(TypedDict):
    """An endpoint as data for other programs; ``address`` is without credentials."""

    id: int
    name: str
    address: str
    event_types: list[str]
    state: str
    disabled_reason: str
    failing_since: datetime | None
    last_success: datetime | None
    waiting: int
    dead: int
    from_settings: bool
    created: datetime


class DeliveryFacts(TypedDict):
    """What one endpoint was sent of one event; ``duration`` is in seconds."""

    id: int
    endpoint: str
    event: str
    type: str
    conversation: str
    number: int
    happened: datetime
    state: str
    attempts: int
    last_attempt: datetime | None
    next_attempt: datetime | None
    delivered: datetime | None
    duration: float | None
    status: int | None
    error: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What endpoints have not got yet.

    ``endpoints`` are all of them, as ``with_totals`` annotates them. ``waiting`` is how many
    deliveries and events are still to be sent to those that are enabled, ``dead`` how many were
    given up. ``oldest`` is for how long the oldest one waits, ``overdue`` for how long the one that
    should have been attempted first, of endpoints with which no process is busy: a receiver that
    hangs delays what it is sent, though somebody delivers. All counts have a bound.
    """

    endpoints: Sequence[Any] = ()
    waiting: int = 0
    dead: int = 0
    oldest: timedelta = timedelta()
    overdue: timedelta = timedelta()

    @property
    def is_late(self) -> bool:
        """Tell whether something is due for so long that nobody seems to deliver."""
        return self.overdue > LATE

    @property
    def overdue_minutes(self) -> int:
        """Return ``overdue`` in full minutes."""
        return int(self.overdue.total_seconds() // 60)

    @property
    def waiting_text(self) -> str:
        """Return ``waiting`` as pages show it."""
        return count_text(self.waiting)

    @property
    def dead_text(self) -> str:
        """Return ``dead`` as pages show it."""
        return count_text(self.dead)

    @property
    def failing(self) -> list[Any]:
        """Return the endpoints that are enabled, and of which the last attempt failed."""
        return [each for each in self.endpoints if each.is_enabled and each.failing_since]

    @property
    def given_up(self) -> list[Any]:
        """Return the endpoints that were disabled because they did not work."""
        chosen = {"", DisabledReason.NOT_IN_SETTINGS}
        return [
            each
            for each in self.endpoints
            if not each.is_enabled and each.disabled_reason not in chosen
        ]


class _Counted(Subquery):
    """How many rows a query has, which may be sliced so that counting has a bound."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


def endpoints() -> "QuerySet[Any]":
    """Return all endpoints by name, in one statement, with their totals."""
    return with_totals(WebhookEndpoint.objects.order_by("name"))


def with_totals(found: "QuerySet[Any]") -> "QuerySet[Any]":
    """Annotate ``waiting_total`` and ``dead_total``, which ``count_text`` shows."""
    counted: QuerySet[Any] = found.annotate(
        waiting_total=_counted(DeliveryState.PENDING), dead_total=_counted(DeliveryState.DEAD)
    )
    return counted


def _counted(state: DeliveryState) -> _Counted:
    return _Counted(_of_endpoint(state).values("pk")[: MOST_COUNTED + 1])


def _of_endpoint(state: DeliveryState) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(endpoint=OuterRef("pk"), state=state).order_by()


def deliveries(
    *, endpoint: WebhookEndpoint | None = None, state: DeliveryState | None = None
) -> QuerySet[WebhookDelivery]:
    """Return deliveries with their endpoints and events, the newest first."""
    found = WebhookDelivery.objects.select_related("endpoint", "event").order_by("-pk")
    if endpoint is not None:
        found = found.filter(endpoint=endpoint)
    return found.filter(state=state) if state is not None else found


def backlog(now: datetime) -> Backlog:
    """Return what endpoints have not got yet, in two statements; one without an endpoint."""
    oldest = _of_endpoint(DeliveryState.PENDING).order_by("queued_at").values("queued_at")[:1]
    streams = WebhookStream.objects.filter(endpoint=OuterRef("pk"), due_at__isnull=False)
    due = streams.order_by("due_at").values("due_at")[:1]
    # A process that was killed left a claim, so one that ended lately counts as well.
    is_busy = Exists(streams.filter(claimed_until__gt=now - LATE))
    found = list(endpoints().annotate(oldest=Subquery(oldest), due=Subquery(due), is_busy=is_busy))
    enabled = [each for each in found if each.is_enabled]
    if not enabled:
        return Backlog(found, dead=sum(each.dead_total for each in found))
    # Events that no endpoint was assigned yet, of which a loop leaves none for long.
    events = OutboxEvent.objects.filter(for_webhooks=True).order_by("pk")[: MOST_COUNTED + 1]
    new = events.aggregate(count=Count("pk"), since=Min("created_at"))
    since = [each.oldest for each in enabled] + [new["since"]]
    return Backlog(
        found,
        waiting=sum(each.waiting_total for each in enabled) + new["count"],
        dead=sum(each.dead_total for each in found),
        oldest=_longest(since, now),
        overdue=_longest([*(each.due for each in enabled if not each.is_busy), new["since"]], now),
    )


def _longest(since: Iterable[datetime | None], now: datetime) -> timedelta:
    """Return how long ago the first of some times was, 0 if all are to come or there is none."""
    return max(now - min((at for at in since if at is not None), default=now), timedelta())


def count_text(count: int) -> str:
    """Return a count that has a bound: ``12``, or ``1,000+`` beyond it."""
    return number_text(count) if count <= MOST_COUNTED else f"{number_text(MOST_COUNTED)}+"


def address(endpoint: WebhookEndpoint) -> str:
    """Return the address without a login and the query, which may be secrets."""
    parts = urlsplit(endpoint.url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}{parts.path}" + ("?…" if parts.query else "")


def state(endpoint: WebhookEndpoint) -> str:
    """Return ``disabled``, ``failing``, ``working`` or ``new``, for programs."""
    if not endpoint.is_enabled:
        return "disabled"
    if endpoint.failing_since:
        return "failing"
    return "working" if endpoint.last_success_at else "new"


def state_text(endpoint: WebhookEndpoint) -> str:
    """Return the state in words, with why or since when."""
    match state(endpoint):
        case "disabled" if endpoint.disabled_reason:
            return str(_("disabled: {reason}")).format(reason=disabled_text(endpoint))
        case "disabled":
            return str(_("disabled"))
        case "failing":
            since = endpoint.failing_since
            time = datetime_text(since) if since else ""
            return str(_("failing since {time}")).format(time=time)
        case "working":
            return str(_("working"))
        case _:
            return str(_("nothing sent yet"))


def disabled_text(endpoint: WebhookEndpoint) -> str:
    """Return why an endpoint was disabled, if an operator did not do it."""
    reason, since = endpoint.disabled_reason, endpoint.failing_since
    if reason == DisabledReason.FAILING and since:
        return str(_("no attempt has succeeded since {time}")).format(time=datetime_text(since))
    return reason_text(reason)


def reason_text(reason: str) -> str:
    """Return a ``DisabledReason`` in words."""
    return str(DisabledReason(reason).label) if reason in DisabledReason.values else reason


def types_text(endpoint: WebhookEndpoint) -> str:
    """Return the types of events that an endpoint gets."""
    return ", ".join(endpoint.event_types) or str(_("all events"))


def error_text(error: str) -> str:
    """Return the line that explains an attempt, which is stored in English, in the language.

    Its parts between colons are texts of ours, or what a library says.
    """
    return ": ".join(gettext(part) if part else part for part in error.split(": "))


def result_text(delivery: WebhookDelivery) -> str:
    """Return what came of the last attempt: a status of HTTP, an error, or nothing yet."""
    if delivery.error:
        return error_text(delivery.error)
    return f"HTTP {delivery.status_code}" if delivery.status_code else ""


def endpoint_facts(endpoint: Any) -> EndpointFacts:
    """Return an endpoint of ``endpoints`` as data. Counts stop beyond ``MOST_COUNTED``."""
    return {
        "id": endpoint.pk,
        "name": endpoint.name,
        "address": address(endpoint),
        "event_types": list(endpoint.event_types),
        "state": state(endpoint),
        "disabled_reason": endpoint.disabled_reason,
        "failing_since": endpoint.failing_since,
        "last_success": endpoint.last_success_at,
        "waiting": endpoint.waiting_total,
        "dead": endpoint.dead_total,
        "from_settings": endpoint.is_from_settings,
        "created": endpoint.created_at,
    }


def delivery_facts(delivery: WebhookDelivery) -> DeliveryFacts:
    """Return a delivery of ``deliveries`` as data, without what it says about people."""
    return {
        "id": delivery.pk,
        "endpoint": delivery.endpoint.name,
        "event": str(delivery.event.uid),
        "type": delivery.event.type,
        "conversation": delivery.event.conversation_token,
        "number": delivery.number,
        "happened": delivery.event.at,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "last_attempt": delivery.last_attempt_at,
        "next_attempt": delivery.next_attempt_at,
        "delivered": delivery.delivered_at,
        "duration": delivery.duration,
        "status": delivery.status_code,
        "error": delivery.error,
    }
