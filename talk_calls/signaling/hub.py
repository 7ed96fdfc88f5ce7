"""The requests that wait in this process, and how to wake them."""

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock


class Topic(StrEnum):
    """What a request waits for."""

    SIGNALING = "signaling"  #: messages to a session, and changes of who is in the conversation
    CHAT = "chat"  #: new messages of the conversation's chat


@dataclass(eq=False, slots=True)
class Waiter:
    """A request that waits for something new in a conversation.

    ``conversation`` is a primary key, and so is ``session``, for which messages arrive (None where
    none do). ``roster`` is the roster number that the request last read. ``owner`` is who waits,
    which is the session unless it says something else. A request is ``superseded`` when there are
    more than ``most`` of its owner and topic: the client of the oldest has most likely given up.
    """

    conversation: int
    session: int | None
    roster: int
    topic: Topic = Topic.SIGNALING
    owner: Hashable = None
    most: int = 1
    superseded: bool = False
    _woken: "Future[None]" = field(default_factory=Future)

    @property
    def woken(self) -> "Future[None]":
        """Return the future that is done once the request has been woken."""
        return self._woken

    def wake(self) -> None:
        """Have the request read the database again; any thread may call this."""
        with _lock:
            if not self._woken.done():
                self._woken.set_result(None)

    def rearm(self) -> None:
        """Wait to be woken once more; call this before reading, so that no change is missed."""
        if self._woken.done():
            self._woken = Future()


_lock = Lock()
#: The waiters of each conversation, the oldest first.
_waiters: dict[int, dict[Waiter, None]] = defaultdict(dict)


def add(waiter: Waiter) -> None:
    """Register a request; earlier ones of its owner, beyond ``most``, are superseded and woken."""
    with _lock:
        earlier = [other for other in _waiters[waiter.conversation] if _is_same(other, waiter)]
        _waiters[waiter.conversation][waiter] = None
    for other in earlier[: max(0, len(earlier) + 1 - waiter.most)]:
        other.superseded = True
        other.wake()


def remove(waiter: Waiter) -> None:
    """Unregister a request; do nothing if it is not registered."""
    with _lock:
        others = _waiters.get(waiter.conversation, {})
        others.pop(waiter, None)
        if not others:
            _waiters.pop(waiter.conversation, None)


def wake(
    conversation: int, sessions: Collection[int] | None = None, topic: Topic | None = None
) -> None:
    """Wake what waits in a conversation, or only for some sessions in it, or for a topic."""
    with _lock:
        waiters = list(_waiters.get(conversation, ()))
    _wake(
        waiter
        for waiter in waiters
        if (sessions is None or waiter.session in sessions) and topic in (None, waiter.topic)
    )


def wake_all() -> None:
    """Wake every request, when hints may have been missed."""
    _wake(waiting())


def count(conversation: int) -> int:
    """Return how many requests wait in this process for a conversation."""
    with _lock:
        return len(_waiters.get(conversation, ()))


def waiting() -> list[Waiter]:
    """Return all requests that wait in this process."""
    with _lock:
        return [waiter for waiters in _waiters.values() for waiter in waiters]


def _wake(waiters: Iterable[Waiter]) -> None:
    for waiter in waiters:
        waiter.wake()


def _is_same(one: Waiter, other: Waiter) -> bool:
    return not one.superseded and _owner(one) == _owner(other)


def _owner(waiter: Waiter) -> Hashable:
    return waiter.topic, waiter.session if waiter.owner is None else waiter.owner
