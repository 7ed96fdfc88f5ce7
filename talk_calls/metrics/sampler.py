"""What is true of this process now: a thread writes it down every few seconds.

Whoever is asked for metrics cannot look into other processes; it reads what they wrote. The thread
starts with the first request, so that commands and the parents of workers have none.
"""

import logging
import os
import sys
import threading
import time
from collections import Counter

from django.db import connections

from talk_calls.conf import conf
from talk_calls.hpb.circuits import circuit_of
from talk_calls.metrics import instruments
from talk_calls.models import HPBConversation
from talk_calls.signaling import hub, wakeup

logger = logging.getLogger(__name__)

#: Seconds between two samples.
INTERVAL = 5.0

#: Conversations that signaling servers were not told about, of which a sample knows the age.
_MOST = 1000


def start() -> None:
    """Start the thread of this process; do nothing the second time."""
    global _running  # noqa: PLW0603 -- one thread per process
    if _running is not None:
        return
    with _starting:
        if _running is None:
            _running = Sampler()
            _running.start()


def stop() -> None:
    """End the thread of this process, if there is one."""
    global _running
    running, _running = _running, None
    if running is not None:
        running.stop()


def sample() -> None:
    """Write down now what is true of this process, which has a thread from then on."""
    start()
    if (running := _running) is not None:
        running.sample()


class _Lag:
    """For how long signaling servers do not know of changes.

    No row says when a conversation changed. So this is the time since a sample first saw a change
    that is still not told; how many changes they are does not matter, as all are told at once.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[int, int], float] = {}

    def seconds(self) -> float:
        """Return the time since the oldest of them was seen first; one query."""
        now = time.monotonic()
        pending = HPBConversation.objects.pending().values_list("pk", "told")[:_MOST]
        self._seen = {each: self._seen.get(each, now) for each in pending}
        return now - min(self._seen.values(), default=now)


class Sampler:
    """What samples need of earlier ones, and the thread that takes them once it was started."""

    def __init__(self) -> None:
        self._lag = _Lag()
        self._one_at_a_time = threading.Lock()
        self._stopped = threading.Event()
        self._is_reported = False
        self._thread = threading.Thread(target=self._run, name="talk_calls.metrics", daemon=True)

    def start(self) -> None:
        """Sample every ``INTERVAL``."""
        self._thread.start()

    def stop(self) -> None:
        """Sample no more."""
        self._stopped.set()
        self._thread.join(2)

    def sample(self) -> None:
        """Write down what is true now."""
        with self._one_at_a_time:
            _sample_process()
            if conf.signaling.external:
                _sample_circuits()
                instruments.HPB_LAG_SECONDS.set(self._lag.seconds())

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self.sample()
                self._is_reported = False
            except Exception:
                if not self._is_reported:
                    logger.warning("What is true of this process is not measured", exc_info=True)
                self._is_reported = True
            finally:
                connections.close_all()
            self._stopped.wait(INTERVAL)


def _sample_process() -> None:
    instruments.PROCESSES.set(1)
    instruments.OPEN_FILES_LIMIT.set(_open_files_limit())
    instruments.PROCESSES_CUT_OFF.set(wakeup.is_cut_off())
    waiting = Counter(waiter.topic for waiter in hub.waiting())
    for topic in hub.Topic:
        instruments.WAITING_POLLS.labels(topic.value).set(waiting[topic])


def _sample_circuits() -> None:
    for server in conf.signaling.servers:
        instruments.HPB_CIRCUIT_OPEN.labels(server.url).set(circuit_of(server.url).is_open)


def _open_files_limit() -> float:
    if sys.platform == "win32":  # it has no such limit
        return float("inf")
    import resource

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return float("inf") if limit == resource.RLIM_INFINITY else limit


_running: Sampler | None = None
_starting = threading.Lock()


def _reset_after_fork() -> None:
    """Start without a thread in a forked process, where that of its parent does not exist."""
    global _running, _starting
    _running, _starting = None, threading.Lock()


os.register_at_fork(after_in_child=_reset_after_fork)
