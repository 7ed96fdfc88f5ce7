"""Hints: telling all processes that a conversation changed.

A hint names a conversation, and perhaps some of its sessions, or the one topic that the change is
about. Two threads of each process publish and receive hints, so that no request waits for the
broker (Redis or PostgreSQL). While no hints can be received, a third thread queries the database
twice a second for all that waits in the process. It is a thread of its own because connecting to a
broker may block for longer than that.
"""

import atexit
import logging
import os
import secrets
import threading
from collections.abc import Callable, Collection
from contextlib import closing
from queue import Empty, Queue

from django.db import connections
from django.dispatch import Signal

from talk_calls.conf import conf
from talk_calls.models import Conversation, SignalingMessage
from talk_calls.signaling import hub
from talk_calls.signaling.channels import Channel, open_channel

logger = logging.getLogger(__name__)

#: Sent when a hint of this process is dropped, because too many wait for the broker.
hint_dropped = Signal()

#: Sent when this process can receive no hints any more, and may miss some.
hints_cut_off = Signal()

#: Seconds between two queries of the database while hints cannot be received.
QUERY_INTERVAL = 0.5

#: Seconds between two attempts to connect to the broker.
RETRY_INTERVAL = 0.2

#: Seconds for which one call waits for hints, to receive or to publish.
RECEIVE_TIMEOUT = 0.5

#: How many sessions a hint may name; with more, it means the whole conversation.
_MAX_SESSIONS = 100

#: How many hints wait while the broker is unreachable; further ones are dropped, and the other
#: processes find the changes in the database.
_MAX_QUEUED = 10_000


def notify(
    conversation: int,
    sessions: Collection[int] | None = None,
    *,
    topic: hub.Topic | None = None,
) -> None:
    """Wake, in all processes, what waits in a conversation, for sessions in it, or for a topic."""
    hub.wake(conversation, sessions, topic)
    if conf.wakeup:
        _threads().publish(conversation, sessions, topic)


def listen() -> None:
    """Start to receive the hints of other processes; do nothing the second time."""
    _threads().listen()


def is_receiving() -> bool:
    """Tell whether hints of other processes can be received, as far as this one knows."""
    return not _threads().disconnected.is_set()


def is_cut_off() -> bool:
    """Tell whether this process should receive hints, and cannot."""
    return _running is not None and _running.is_cut_off


def stop() -> None:
    """End the threads of this process, if there are any."""
    global _running
    running, _running = _running, None
    if running is not None:
        running.stop()


class _Threads:
    """The threads that publish, receive and query; each starts when it is first needed."""

    def __init__(self) -> None:
        self.disconnected = threading.Event()
        self.disconnected.set()
        self._name = secrets.token_hex(4)  # marks our own hints, so that we ignore them
        self._queue: Queue[str] = Queue(_MAX_QUEUED)
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._publisher: threading.Thread | None = None
        self._receiver: threading.Thread | None = None
        self._querier: threading.Thread | None = None
        self._reported: set[str] = set()

    @property
    def is_cut_off(self) -> bool:
        return self._receiver is not None and self.disconnected.is_set()

    def publish(
        self, conversation: int, sessions: Collection[int] | None, topic: hub.Topic | None
    ) -> None:
        named = sessions if sessions is not None and len(sessions) <= _MAX_SESSIONS else ()
        hint = f"{self._name} {conversation} {','.join(map(str, named))}"
        hint += f" {topic}" if topic else ""
        with self._starting:
            if self._publisher is None:
                self._publisher = _start(self._keep_publishing)
        if self._queue.full():
            hint_dropped.send_robust(None)
        else:
            self._queue.put(hint)

    def listen(self) -> None:
        with self._starting:
            if self._querier is None:
                self._querier = _start(self._keep_querying)
            if self._receiver is None and conf.wakeup:
                self._receiver = _start(self._keep_receiving)

    def stop(self) -> None:
        self._stopped.set()
        self.disconnected.set()  # wakes the querying thread, so that it ends
        for thread in (self._publisher, self._receiver, self._querier):
            if thread is not None:
                thread.join(2)

    def _keep_publishing(self) -> None:
        while not self._is_done():
            try:
                with closing(open_channel(conf.wakeup)) as channel:
                    while not self._is_done():
                        self._publish_next(channel.publish)
            except Exception:  # noqa: BLE001 -- each channel has errors of its own
                self._report("Hints for polls cannot be published; they follow")
                self._stopped.wait(RETRY_INTERVAL)

    def _publish_next(self, publish: Callable[[str], None]) -> None:
        try:
            hint = self._queue.get(timeout=RECEIVE_TIMEOUT)
        except Empty:
            return
        try:
            publish(hint)
        except Exception:
            self._queue.put(hint)
            raise
        self._reported.clear()

    def _is_done(self) -> bool:
        """Tell whether to end; hints in the queue are published first."""
        return self._stopped.is_set() and self._queue.empty()

    def _keep_receiving(self) -> None:
        while not self._stopped.is_set():
            try:
                with closing(open_channel(conf.wakeup)) as channel:
                    self._receive(channel)
            except Exception:  # noqa: BLE001 -- each channel has errors of its own
                self._report("Hints for polls cannot be received; querying the database instead")
            finally:
                self._disconnect()
            self._stopped.wait(RETRY_INTERVAL)

    def _disconnect(self) -> None:
        if self.disconnected.is_set():
            return
        self.disconnected.set()
        if not self._stopped.is_set():
            hints_cut_off.send_robust(None)

    def _receive(self, channel: Channel) -> None:
        channel.subscribe()
        self.disconnected.clear()
        self._reported.clear()
        hub.wake_all()  # hints may have been missed until now
        while not self._stopped.is_set():
            for hint in channel.receive(RECEIVE_TIMEOUT):
                self._deliver(hint)

    def _deliver(self, hint: str) -> None:
        try:
            name, conversation, named, *topics = hint.split(" ")
            sessions = {int(session) for session in named.split(",") if session} or None
            topic = hub.Topic(topics[0]) if topics else None
            if name != self._name:
                hub.wake(int(conversation), sessions, topic)
        except ValueError:
            logger.warning("Received something that is no hint of ours: %.80r", hint)

    def _keep_querying(self) -> None:
        """Query the database while disconnected; hold no database connection while connected."""
        try:
            while not self._stopped.wait(QUERY_INTERVAL):
                if not self.disconnected.is_set():
                    connections.close_all()
                    self.disconnected.wait()
                self._query()
        finally:
            connections.close_all()

    def _query(self) -> None:
        try:
            wake_outdated()
        except Exception:  # noqa: BLE001 -- the database may be back the next time
            self._report("The database cannot be queried for changes")
            connections.close_all()

    def _report(self, problem: str) -> None:
        """Log a problem once, and again only after something worked in between."""
        if problem not in self._reported:
            self._reported.add(problem)
            logger.warning(problem, exc_info=True)


def wake_outdated() -> None:
    """Wake what missed a message to a session or a new roster; two queries for all of them.

    The roster grows with all that is written under the lock, and so with each message of the chat.
    """
    waiting = hub.waiting()
    if not waiting:
        return
    sessions = {waiter.session for waiter in waiting if waiter.session is not None}
    mailboxes = SignalingMessage.objects.filter(recipient__in=sessions, answer=None)
    with_mail = set(mailboxes.values_list("recipient", flat=True))
    conversations = Conversation.objects.filter(pk__in={waiter.conversation for waiter in waiting})
    rosters = dict(conversations.values_list("pk", "roster"))
    for waiter in waiting:
        if waiter.session in with_mail or rosters.get(waiter.conversation) != waiter.roster:
            waiter.wake()


_running: _Threads | None = None


def _threads() -> _Threads:
    global _running  # noqa: PLW0603 -- one set of threads per process
    if _running is None:
        _running = _Threads()
    return _running


def _start(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, name="talk_calls.signaling", daemon=True)
    thread.start()
    return thread


def _reset_after_fork() -> None:
    """Start without threads in a forked process, where those of its parent do not exist."""
    global _running  # noqa: PLW0603 -- one set of threads per process
    _running = None


os.register_at_fork(after_in_child=_reset_after_fork)
atexit.register(stop)
