"""Distributing and sending what is due, by several processes and several threads of each.

One thread uses the database: it distributes events, claims streams, and stores what came of them.
Others only send, a few for each endpoint and none for two, so that a receiver that hangs delays
nobody but itself.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Event

from talk_calls.host import clock
from talk_calls.models import WebhookEndpoint
from talk_calls.webhooks import bodies, distribution, endpoints, requests, signatures, streams
from talk_calls.webhooks.requests import Attempt, Request
from talk_calls.webhooks.streams import Claim

logger = logging.getLogger(__name__)

#: How many requests one endpoint gets from one process at the same time.
PARALLEL = 4

#: Seconds that a pass may take, so that cron can start one each minute.
PASS_SECONDS = 50.0

#: Seconds between two looks for what is due while requests run.
_LOOK_INTERVAL = 0.2

#: How many deliveries of a stream are sent in a row before others are looked at.
_IN_A_ROW = 20


@dataclass
class Delivered:
    """What was done.

    ``events`` were distributed as ``deliveries``. Of the attempts, ``delivered`` succeeded and
    ``failed`` did not; ``failed`` has those after which the delivery was given up.
    """

    events: int = 0
    deliveries: int = 0
    delivered: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        """Tell whether anything was done."""
        return bool(self.events or self.delivered or self.failed)


def deliver_once(*, seconds: float = PASS_SECONDS, stop: Event | None = None) -> Delivered:
    """Distribute and send what is due; return what was done.

    For Celery, django-tasks, cron and the like (docs/webhooks.md); several may run at once. It
    starts nothing more after ``seconds``, or once ``stop`` is set, and then takes as long as the
    requests that run, ``WEBHOOK_TIMEOUT`` at most. Raises ``ImproperlyConfigured`` without the
    extra ``webhooks``.
    """
    stop = stop or Event()
    end = time.monotonic() + seconds
    with Deliverer() as deliverer:
        while not stop.is_set() and time.monotonic() < end and deliverer.work(_LOOK_INTERVAL):
            pass
        deliverer.finish()
    return deliverer.done


def keep_delivering(
    stop: Event, *, interval: float, report: Callable[[Delivered], None], report_every: float
) -> None:
    """Do so until ``stop`` is set, and look for new events every ``interval`` seconds.

    What was done is reported from time to time, if anything was.
    """
    reported_at = time.monotonic()
    with Deliverer() as deliverer:
        while not stop.is_set():
            is_busy = deliverer.work(min(interval, _LOOK_INTERVAL))
            if deliverer.done and time.monotonic() >= reported_at + report_every:
                report(deliverer.take_done())
                reported_at = time.monotonic()
            if not is_busy:
                stop.wait(interval)
        deliverer.finish()
        if deliverer.done:
            report(deliverer.take_done())


class Deliverer:
    """Sends from this process until it is closed; used by one thread."""

    def __init__(self) -> None:
        signatures.require()
        endpoints.synchronize()
        self.done = Delivered()
        self._active: dict[int, WebhookEndpoint] = {}
        self._pools: dict[int, ThreadPoolExecutor] = {}
        self._running: Counter[int] = Counter()
        self._in_a_row: Counter[int] = Counter()
        self._distribute_at = 0.0
        self._results: SimpleQueue[tuple[Claim, Attempt]] = SimpleQueue()

    def __enter__(self) -> "Deliverer":
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Wait for the threads; after an error their claims end by themselves."""
        for pool in self._pools.values():
            pool.shutdown()

    def work(self, wait: float) -> bool:
        """Start what is due, then store what finishes within ``wait`` seconds.

        Return whether there was anything to do, or something is still running.
        """
        found = self._look()
        if not self._running.total():
            return found
        self._store_finished(wait, goes_on=True)
        return True

    def finish(self) -> None:
        """Store what is running, and start nothing more."""
        while self._running.total():
            self._store_finished(1, goes_on=False)

    def take_done(self) -> Delivered:
        """Return what was done since the last time."""
        done, self.done = self.done, Delivered()
        return done

    def _look(self) -> bool:
        """Distribute a batch and claim what is due; tell whether there was anything."""
        distributed = self._distribute()
        claims = [claim for each in self._active.values() for claim in self._claim(each)]
        for claim in claims:
            self._start(claim)
        return distributed or bool(claims)

    def _distribute(self) -> bool:
        """Distribute a batch, and read the endpoints anew; but not each time a request is done."""
        if time.monotonic() < self._distribute_at:
            return False
        now = clock.now()
        distributed = distribution.distribute(now)
        if not distributed.events:
            self._distribute_at = time.monotonic() + _LOOK_INTERVAL / 2
        self.done.events += distributed.events
        self.done.deliveries += distributed.deliveries
        # Nothing is sent without a signature: another process may have newer settings.
        able = (each for each in endpoints.active() if endpoints.secrets_of(each, now))
        self._active = {endpoint.pk: endpoint for endpoint in able}
        return bool(distributed.events)

    def _claim(self, endpoint: WebhookEndpoint) -> list[Claim]:
        free = PARALLEL - self._running[endpoint.pk]
        return streams.claim(endpoint, free, clock.now()) if free > 0 else []

    def _start(self, claim: Claim) -> None:
        endpoint = self._active[claim.stream.endpoint_id]
        pool = self._pools.get(endpoint.pk)
        if pool is None:
            pool = ThreadPoolExecutor(PARALLEL, thread_name_prefix="talk_calls.webhooks")
            self._pools[endpoint.pk] = pool
        self._running[endpoint.pk] += 1
        future = pool.submit(requests.send, _request(endpoint, claim))
        future.add_done_callback(partial(self._put, claim))

    def _put(self, claim: Claim, future: Future[Attempt]) -> None:
        """Hand over what came of a request, from its thread."""
        error = future.exception()
        if error is None:
            self._results.put((claim, future.result()))
            return
        logger.error("A webhook could not be sent", exc_info=error)
        self._results.put((claim, Attempt(error=type(error).__name__)))

    def _store_finished(self, wait: float, *, goes_on: bool) -> None:
        """Store what finishes within ``wait`` seconds, or until there is room for other streams."""
        end = time.monotonic() + wait
        has_room = False
        while self._running.total():
            left = 0 if has_room else max(0, end - time.monotonic())
            try:
                claim, attempt = self._results.get(timeout=left)
            except Empty:
                return
            has_room |= not self._store(claim, attempt, goes_on=goes_on)

    def _store(self, claim: Claim, attempt: Attempt, *, goes_on: bool) -> bool:
        """Store what came of a delivery; tell whether the next one of the stream was started."""
        pk = claim.stream.endpoint_id
        self._running[pk] -= 1
        self._in_a_row[claim.stream.pk] += 1
        now = clock.now()
        endpoint = self._active.get(pk)
        may_go_on = goes_on and endpoint is not None and attempt.is_success
        is_turn_over = self._in_a_row[claim.stream.pk] >= _IN_A_ROW
        following = streams.store(claim, attempt, now, goes_on=may_go_on and not is_turn_over)
        self.done.delivered += attempt.is_success
        self.done.failed += not attempt.is_success
        if endpoint is not None:
            streams.note(endpoint, claim, attempt, now)
        if following is None:
            del self._in_a_row[claim.stream.pk]
            return False
        self._start(following)
        return True


def _request(endpoint: WebhookEndpoint, claim: Claim) -> Request:
    now = clock.now()
    body = bodies.body_of(claim.delivery)
    secrets = endpoints.secrets_of(endpoint, now)
    message_id = str(claim.delivery.event.uid)
    headers = signatures.signed_headers(message_id, body, secrets=secrets, now=now)
    return requests.request_to(endpoint.url, body, headers)
