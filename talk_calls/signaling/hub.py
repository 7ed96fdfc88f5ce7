"""The polls that wait in this process, and how to wake them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock


@dataclass(eq=False, slots=True)
class Waiter:
    """A poll that waits for a change of its conversation or a message to its session.

    ``conversation`` and ``session`` are primary keys. ``roster`` is the roster number that the poll
    last read. A poll is ``superseded`` when its session polls again: its client has most likely
    given up.
    """

    conversation: int
    session: int
    roster: int
    superseded: bool = False
    _woken: "Future[None]" = field(default_factory=Future)

    @property
    def woken(self) -> "Future[None]":
        """Return the future that is done once the poll has been woken."""
        return self._woken

    def wake(self) -> None:
        """Have the poll read the database again; any thread may call this."""
        with _lock:
            if not self._woken.done():
                self._woken.set_result(None)

    def rearm(self) -> None:
        """Wait to be woken once more; call this before reading, so that no change is missed."""
        if self._woken.done():
            self._woken = Future()


_lock = Lock()
_waiters: dict[int, set[Waiter]] = defaultdict(set)


def add(waiter: Waiter) -> None:
    """Register a poll; an earlier one of the same session is superseded and woken."""
    with _lock:
        earlier = [other for other in _waiters[waiter.conversation] if _is_same(other, waiter)]
        _waiters[waiter.conversation].add(waiter)
    for other in earlier:
        other.superseded = True
        other.wake()


def remove(waiter: Waiter) -> None:
    """Unregister a poll; do nothing if it is not registered."""
    with _lock:
        others = _waiters.get(waiter.conversation, set())
        others.discard(waiter)
        if not others:
            _waiters.pop(waiter.conversation, None)


def wake(conversation: int, sessions: Collection[int] | None = None) -> None:
    """Wake the polls of a conversation, or only those of some sessions in it."""
    with _lock:
        waiters = list(_waiters.get(conversation, ()))
    _wake(waiter for waiter in waiters if sessions is None or waiter.session in sessions)


def wake_all() -> None:
    """Wake every poll, when hints may have been missed."""
    _wake(waiting())


def count(conversation: int) -> int:
    """Return how many polls of a conversation wait in this process."""
    with _lock:
        return len(_waiters.get(conversation, ()))


def waiting() -> list[Waiter]:
    """Return all polls that wait in this process."""
    with _lock:
        return [waiter for waiters in _waiters.values() for waiter in waiters]


def _wake(waiters: Iterable[Waiter]) -> None:
    for waiter in waiters:
        waiter.wake()


def _is_same(one: Waiter, other: Waiter) -> bool:
    return one.session == other.session and not one.superseded
