"""Telling signaling servers what is true, by threads beside the requests.

One thread of each process uses the database: it takes conversations that changed, and stores what
was told. Others send, a few for each server, so that one that hangs delays no other. The threads
start with the first change of the process, and also take what other processes left.
"""

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from queue import Empty, Queue

from django.db import connections

from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.hpb import delivery, leases
from talk_calls.hpb.circuits import circuit_of, server_to_tell
from talk_calls.hpb.connections import PARALLEL
from talk_calls.hpb.delivery import Outcome
from talk_calls.hpb.leases import Busy
from talk_calls.hpb.state import State
from talk_calls.servers import SignalingServer

logger = logging.getLogger(__name__)

#: Seconds for which further changes of a conversation are waited for, to be told in one message.
COALESCE = 0.005

#: Seconds between two looks for what other processes left, and what servers did not take.
LOOK_INTERVAL = 1.0

#: Seconds in which a process that ends tells what is due.
FLUSH_TIME = 1.0

#: Conversations that one look finds at most.
MOST = 200

#: Seconds until something that a transaction keeps locked is tried again.
_BUSY_INTERVAL = 0.02

#: What to send to a server: a state, or the question whether it is up. None ends the thread.
_Jobs = Queue[State | SignalingServer | None]


def wake(conversation_id: int) -> None:
    """Tell the HPB about a conversation that changed, in a moment."""
    global _running  # noqa: PLW0603 -- one set of threads per process
    with _starting:
        running = _running = _running or _Sender()
    running.changed(conversation_id)


def stop() -> None:
    """End the threads of this process, if there are any; what is due is told before."""
    global _running
    running, _running = _running, None
    if running is not None:
        running.stop()


def send_overdue() -> int:
    """Tell in this thread what no process is telling; return of how many conversations."""
    leases.mark_lost(MOST)
    leases.mark_to_repeat(clock.now(), MOST)
    told = 0
    for conversation_id in _overdue():
        state = delivery.take(conversation_id)
        if state is None:
            continue
        outcome = delivery.send(state)
        told += outcome.sent
        try:
            delivery.finish(outcome)
        except Busy:  # its lease ends by itself
            logger.debug("%s is being changed.", state.told.token)
    return told


class _Sender:
    """The threads of a process."""

    def __init__(self) -> None:
        #: Conversations that changed, and outcomes of what was sent.
        self._inbox: Queue[int | Outcome | None] = Queue()
        #: What was taken from the inbox. If an error occurs, the rest of it is still there.
        self._received: deque[int | Outcome | None] = deque()
        #: When to take a conversation, by the monotonic clock.
        self._due: dict[int, float] = {}
        #: Conversations that are due at the end of a pause, and not before.
        self._paused: set[int] = set()
        self._sending: set[int] = set()
        self._workers: dict[str, _Jobs] = {}
        self._look_at = 0.0
        self._stop_at: float | None = None
        self._reported = False
        self._thread = _start(self._run)

    def changed(self, conversation_id: int) -> None:
        self._inbox.put(conversation_id)

    def stop(self) -> None:
        self._stop_at = time.monotonic() + FLUSH_TIME
        self._inbox.put(None)
        self._thread.join(2 * FLUSH_TIME)

    def _run(self) -> None:
        try:
            while not self._is_done():
                try:
                    self._step()
                except Exception:  # noqa: BLE001 -- the database may be back the next time
                    self._report()
                    connections.close_all()
                    time.sleep(_BUSY_INTERVAL)
        finally:
            for jobs in self._workers.values():
                for _ in range(PARALLEL):
                    jobs.put(None)
            connections.close_all()

    def _is_done(self) -> bool:
        if self._stop_at is None:
            return False
        idle = not self._due and not self._sending and self._inbox.empty()
        return idle or time.monotonic() > self._stop_at

    def _step(self) -> None:
        self._receive()
        while self._received:
            item = self._received.popleft()
            if isinstance(item, Outcome):
                self._finish(item)
            elif item is not None and item not in self._paused:
                due = time.monotonic() + COALESCE
                self._due[item] = min(due, self._due.get(item, due))
        now = time.monotonic()
        for conversation_id in [each for each, due in self._due.items() if due <= now]:
            if conversation_id in self._sending:
                continue
            self._take(conversation_id)
            if not self._inbox.empty():
                break  # what was sent is confirmed first, or its lease ends
        if now >= self._look_at:
            self._look()
        self._reported = False

    def _receive(self) -> None:
        """Wait for the next item, or until something is due; take all items that are there."""
        if self._received:
            return
        waiting = [due for each, due in self._due.items() if each not in self._sending]
        wait = min([self._look_at, *waiting]) - time.monotonic()
        with suppress(Empty):
            self._received.append(self._inbox.get(timeout=max(wait, 0.0)))
            while True:
                self._received.append(self._inbox.get_nowait())

    def _take(self, conversation_id: int) -> None:
        del self._due[conversation_id]
        self._paused.discard(conversation_id)
        state = delivery.take(conversation_id) if conf.signaling.external else None
        if state is not None:
            self._sending.add(conversation_id)
            self._jobs_of(state.server.url).put(state)

    def _finish(self, outcome: Outcome) -> None:
        conversation_id = outcome.state.told.pk
        try:
            again = delivery.finish(outcome)
        except Busy:
            threading.Timer(_BUSY_INTERVAL, self._inbox.put, [outcome]).start()
            return
        except Exception:
            self._sending.discard(conversation_id)
            raise
        self._sending.discard(conversation_id)
        if again is not None:
            self._due[conversation_id] = time.monotonic() + again.total_seconds()
            if outcome.pause:
                self._paused.add(conversation_id)

    def _look(self) -> None:
        self._look_at = time.monotonic() + LOOK_INTERVAL
        if not conf.signaling.external:
            return
        self._ask_quiet_servers()
        leases.mark_to_repeat(clock.now(), MOST)
        for conversation_id in _overdue():
            self._due.setdefault(conversation_id, time.monotonic())

    def _ask_quiet_servers(self) -> None:
        """Learn which servers of a cluster are up: clients are sent to those that we do not tell.

        A client comes back to the server of its conversation if there is no cluster.
        """
        signaling = conf.signaling
        for server in signaling.servers if signaling.cluster else ():
            if circuit_of(server.url).take_if_quiet():
                self._jobs_of(server.url).put(server)

    def _jobs_of(self, url: str) -> _Jobs:
        if url not in self._workers:
            jobs: _Jobs = Queue()
            self._workers[url] = jobs
            for _ in range(PARALLEL):
                _start(lambda: self._keep_sending(jobs))
        return self._workers[url]

    def _keep_sending(self, jobs: _Jobs) -> None:
        while (job := jobs.get()) is not None:
            server = job if isinstance(job, SignalingServer) else job.server
            circuit = circuit_of(server.url)
            was_open = circuit.is_open
            if isinstance(job, SignalingServer):
                delivery.ask(job)
                outcome = None
            else:
                outcome = delivery.send(job)
            if was_open and not circuit.is_open:
                self._look_at = 0.0  # for all that waits for this server
            self._inbox.put(outcome)

    def _report(self) -> None:
        """Log a problem once, and again only after something worked in between."""
        if not self._reported:
            self._reported = True
            logger.warning("Signaling servers cannot be told; it follows", exc_info=True)


def _overdue() -> Iterator[int]:
    """Find conversations that no process tells about, but none whose server is not to be tried.

    Those whose last server that is are not even read, so that however many they are, those of other
    servers are found. In a cluster another server is told.
    """
    signaling = conf.signaling
    alone = () if signaling.cluster else signaling.servers
    waiting = [server.url for server in alone if circuit_of(server.url).is_waiting]
    for conversation_id, token, server in leases.overdue(clock.now(), MOST, without=waiting):
        if not circuit_of(server_to_tell(token, server).url).is_waiting:
            yield conversation_id


def _start(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, name="talk_calls.hpb", daemon=True)
    thread.start()
    return thread


_running: _Sender | None = None
_starting = threading.Lock()


def _reset_after_fork() -> None:
    """Start without threads in a forked process, where those of its parent do not exist."""
    global _running, _starting
    _running, _starting = None, threading.Lock()


os.register_at_fork(after_in_child=_reset_after_fork)
atexit.register(stop)
