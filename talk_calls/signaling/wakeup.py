"""Telling all processes that there may be news, and hearing it from the others.

Hints are told and heard by two threads of each process, so that no request waits for a broker. They
are hints and nothing more: while none can be heard, a third thread asks the database, twice in a
second, on behalf of all polls of the process at once. It is a thread of its own because one that
tries to reach a broker may be held up by it for longer than that.
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

from talk_calls.conf import conf
from talk_calls.models import Conversation, SignalingMessage
from talk_calls.signaling import hub
from talk_calls.signaling.channels import Channel, open_channel

logger = logging.getLogger(__name__)

#: Seconds between two looks at the database while hints cannot be heard.
LOOK = 0.5

#: Seconds between two tries to reach what carries hints, and for which hints are waited at a time.
RETRY = 0.2
HEAR = 0.5

#: Sessions that a hint names; beyond, it means all of the conversation.
_MOST_NAMED = 100

#: Hints that wait while they cannot be told; beyond, the others have to look for themselves.
_MOST_UNTOLD = 10_000


def tell(conversation: int, sessions: Collection[int] | None = None) -> None:
    """Wake the polls of a conversation, or of some sessions in it, in all processes."""
    hub.wake(conversation, sessions)
    if conf.wakeup:
        _threads().tell(conversation, sessions)


def listen() -> None:
    """Hear what other processes tell, as long as this one runs; does nothing the second time."""
    _threads().listen()


def is_heard() -> bool:
    """Tell whether hints of other processes reach this one, as far as it knows."""
    return not _threads().deaf.is_set()


def stop() -> None:
    """End the threads of this process, if there are any."""
    global _running
    running, _running = _running, None
    if running is not None:
        running.stop()


class _Threads:
    """Those that tell, listen and look; each starts when it is first needed."""

    def __init__(self) -> None:
        self.deaf = threading.Event()
        self.deaf.set()
        self._name = secrets.token_hex(4)  # so that nobody takes their own hints for news
        self._untold: Queue[str] = Queue(_MOST_UNTOLD)
        self._stopped = threading.Event()
        self._starting = threading.Lock()
        self._teller: threading.Thread | None = None
        self._listener: threading.Thread | None = None
        self._looker: threading.Thread | None = None
        self._troubles: set[str] = set()

    def tell(self, conversation: int, sessions: Collection[int] | None) -> None:
        named = sessions if sessions is not None and len(sessions) <= _MOST_NAMED else ()
        hint = f"{self._name} {conversation} {','.join(map(str, named))}"
        with self._starting:
            if self._teller is None:
                self._teller = _start(self._keep_telling)
        if not self._untold.full():
            self._untold.put(hint)

    def listen(self) -> None:
        with self._starting:
            if self._looker is None:
                self._looker = _start(self._keep_looking)
            if self._listener is None and conf.wakeup:
                self._listener = _start(self._keep_listening)

    def stop(self) -> None:
        self._stopped.set()
        self.deaf.set()  # who sleeps while all is well wakes, and ends
        for thread in (self._teller, self._listener, self._looker):
            if thread is not None:
                thread.join(2)

    def _keep_telling(self) -> None:
        while not self._done():
            try:
                with closing(open_channel(conf.wakeup)) as channel:
                    while not self._done():
                        self._tell_next(channel.publish)
            except Exception:  # noqa: BLE001 -- each channel has errors of its own
                self._report("Hints for polls cannot be told; they follow")
                self._stopped.wait(RETRY)

    def _tell_next(self, publish: Callable[[str], None]) -> None:
        try:
            hint = self._untold.get(timeout=HEAR)
        except Empty:
            return
        try:
            publish(hint)
        except Exception:
            self._untold.put(hint)
            raise
        self._troubles.clear()

    def _done(self) -> bool:
        """Tell whether to end; what is untold is tried once more."""
        return self._stopped.is_set() and self._untold.empty()

    def _keep_listening(self) -> None:
        while not self._stopped.is_set():
            try:
                with closing(open_channel(conf.wakeup)) as channel:
                    self._listen(channel)
            except Exception:  # noqa: BLE001 -- each channel has errors of its own
                self._report("Hints for polls cannot be heard; asking the database instead")
            finally:
                self.deaf.set()
            self._stopped.wait(RETRY)

    def _listen(self, channel: Channel) -> None:
        channel.subscribe()
        self.deaf.clear()
        self._troubles.clear()
        hub.wake_all()
        while not self._stopped.is_set():
            for hint in channel.receive(HEAR):
                self._heard(hint)

    def _keep_looking(self) -> None:
        """Look at the database while nothing is heard; hold no connection while it is."""
        try:
            while not self._stopped.wait(LOOK):
                if not self.deaf.is_set():
                    connections.close_all()
                    self.deaf.wait()
                self._look()
        finally:
            connections.close_all()

    def _heard(self, hint: str) -> None:
        try:
            name, conversation, named = hint.split(" ")
            sessions = {int(session) for session in named.split(",") if session} or None
            if name != self._name:
                hub.wake(int(conversation), sessions)
        except ValueError:
            logger.warning("A hint that nobody of us told: %.80r", hint)

    def _look(self) -> None:
        try:
            wake_overdue()
        except Exception:  # noqa: BLE001 -- the next look may find the database again
            self._report("The database cannot be asked for news")
            connections.close_all()

    def _report(self, trouble: str) -> None:
        """Log a trouble once, and again only after something worked meanwhile."""
        if trouble not in self._troubles:
            self._troubles.add(trouble)
            logger.warning(trouble, exc_info=True)


def wake_overdue() -> None:
    """Wake the polls that missed something, by two statements for all of them."""
    waiting = hub.waiting()
    if not waiting:
        return
    mailboxes = SignalingMessage.objects.filter(
        recipient__in={waiter.session for waiter in waiting}, answer=None
    )
    with_mail = set(mailboxes.values_list("recipient", flat=True))
    conversations = Conversation.objects.filter(pk__in={waiter.conversation for waiter in waiting})
    rosters = dict(conversations.values_list("pk", "roster"))
    for waiter in waiting:
        if waiter.session in with_mail or rosters.get(waiter.conversation) != waiter.roster:
            waiter.wake()


_running: _Threads | None = None


def _threads() -> _Threads:
    global _running  # noqa: PLW0603 -- one pair of threads per process
    if _running is None:
        _running = _Threads()
    return _running


def _start(run: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=run, name="talk_calls.signaling", daemon=True)
    thread.start()
    return thread


def _forget() -> None:
    """Threads do not come along into a forked process."""
    global _running  # noqa: PLW0603 -- one pair of threads per process
    _running = None


os.register_at_fork(after_in_child=_forget)
atexit.register(stop)
