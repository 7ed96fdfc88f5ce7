"""Which polls of this process wait, and waking them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from threading import Lock


@dataclass(eq=False, slots=True)
class Waiter:
    """One poll that waits for news of its conversation, or for a message to its session.

    ``roster`` is the last that it looked at. A poll is ``superseded`` when its session asks again
    elsewhere: the client behind it has most likely gone.
    """

    conversation: int
    session: int
    roster: int
    superseded: bool = False
    _news: "Future[None]" = field(default_factory=Future)

    @property
    def news(self) -> "Future[None]":
        """Return what is done as soon as there may be news."""
        return self._news

    def wake(self) -> None:
        """Have the poll look again; any thread may call this."""
        with _lock:
            if not self._news.done():
                self._news.set_result(None)

    def rearm(self) -> None:
        """Wait for what comes from now on; to be called before looking."""
        if self._news.done():
            self._news = Future()


_lock = Lock()
_waiters: dict[int, set[Waiter]] = defaultdict(set)


def add(waiter: Waiter) -> None:
    """Let a poll hear of news; an earlier one of the same session is sent home."""
    with _lock:
        earlier = [other for other in _waiters[waiter.conversation] if _same(other, waiter)]
        _waiters[waiter.conversation].add(waiter)
    for other in earlier:
        other.superseded = True
        other.wake()


def remove(waiter: Waiter) -> None:
    """Forget a poll; one that is not here is none the worse for it."""
    with _lock:
        others = _waiters.get(waiter.conversation, set())
        others.discard(waiter)
        if not others:
            _waiters.pop(waiter.conversation, None)


def wake(conversation: int, sessions: Collection[int] | None = None) -> None:
    """Wake the polls of a conversation, or only those of some sessions in it."""
    with _lock:
        here = list(_waiters.get(conversation, ()))
    _wake(waiter for waiter in here if sessions is None or waiter.session in sessions)


def wake_all() -> None:
    """Wake every poll: what happened meanwhile, nobody told us."""
    _wake(waiting())


def crowd(conversation: int) -> int:
    """Return how many polls of a conversation wait in this process."""
    with _lock:
        return len(_waiters.get(conversation, ()))


def waiting() -> list[Waiter]:
    """Return all polls that wait in this process."""
    with _lock:
        return [waiter for here in _waiters.values() for waiter in here]


def _wake(waiters: Iterable[Waiter]) -> None:
    for waiter in waiters:
        waiter.wake()


def _same(one: Waiter, other: Waiter) -> bool:
    return one.session == other.session and not one.superseded
