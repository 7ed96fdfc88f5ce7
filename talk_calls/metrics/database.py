"""What the database knows of all processes: calls and people now, and what waits."""

import threading
import time
from collections.abc import Iterable, Iterator

from django.db import InterfaceError, OperationalError
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.models import HPBConversation
from talk_calls.reports import webhooks
from talk_calls.reports.live import live_totals
from talk_calls.services import sweeper

#: Seconds for which an answer is kept, so that nobody who asks often keeps the database busy.
KEPT = 5.0


class DatabaseCollector(Collector):
    """Gauges that are queried when somebody asks, in seven to nine statements."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: list[Metric] = []
        self._until = 0.0

    def collect(self) -> Iterable[Metric]:
        """Return the gauges; only that the database is away, where it is."""
        with self._lock:
            if time.monotonic() >= self._until:
                self._kept = list(_gauges())
                self._until = time.monotonic() + KEPT
            return self._kept

    def forget(self) -> None:
        """Query the database the next time."""
        self._until = 0.0


def _gauges() -> Iterator[Metric]:
    name = "talk_calls_database_up"
    try:
        yield from _queried()
    except (OperationalError, InterfaceError):
        yield GaugeMetricFamily(name, "Whether the database answers: 1, else 0", 0)
    else:
        yield GaugeMetricFamily(name, "Whether the database answers: 1, else 0", 1)


def _queried() -> list[Metric]:
    now = clock.now()
    totals = live_totals(now)
    since = sweeper.due_since(now)
    overdue = (now - since).total_seconds() if since else 0.0
    pending = HPBConversation.objects.pending().count() if conf.signaling.external else 0
    timed_out = sweeper.timed_out_calls(now).count()
    return [
        GaugeMetricFamily("talk_calls_calls", "Calls that are running", totals.calls),
        GaugeMetricFamily("talk_calls_people", "Attendees in calls", totals.people),
        GaugeMetricFamily("talk_calls_devices", "Devices in calls", totals.devices),
        GaugeMetricFamily(
            "talk_calls_timed_out_calls",
            "Calls of which everybody timed out, and whose end is not stored yet",
            timed_out,
        ),
        GaugeMetricFamily(
            "talk_calls_sweeper_age_seconds",
            "For how long the oldest row waits for the sweeper, 0 if none does",
            overdue,
        ),
        GaugeMetricFamily(
            "talk_calls_hpb_pending",
            "Conversations with changes that signaling servers were not told",
            pending,
        ),
        *_of_webhooks(webhooks.backlog(now)),
    ]


def _of_webhooks(backlog: webhooks.Backlog) -> list[Metric]:
    return [
        GaugeMetricFamily(
            "talk_calls_webhook_waiting",
            "Webhooks that wait, of which at most 1,001 are counted for an endpoint",
            backlog.waiting,
        ),
        GaugeMetricFamily(
            "talk_calls_webhook_dead",
            "Webhooks that were given up, of which at most 1,001 are counted for an endpoint",
            backlog.dead,
        ),
        GaugeMetricFamily(
            "talk_calls_webhook_oldest_seconds",
            "For how long the oldest webhook waits, 0 if none does",
            backlog.oldest.total_seconds(),
        ),
        GaugeMetricFamily(
            "talk_calls_webhook_overdue_seconds",
            "For how long a webhook should have been sent that is due, 0 if none is",
            backlog.overdue.total_seconds(),
        ),
        GaugeMetricFamily(
            "talk_calls_webhook_failing_endpoints",
            "Webhook endpoints that fail, or were disabled because they did",
            len(backlog.failing) + len(backlog.given_up),
        ),
    ]
