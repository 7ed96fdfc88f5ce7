"""How many passwords a process hashes at a time.

A slow hash takes a third of a second of CPU, and a password that another server verifies may take
longer. Anybody can ask for one, so they get a few of the threads that answer requests, and the rest
is there for everybody else. The hash stays in the thread of its request, with the database
connection and the language of that (decision 36).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from talk_calls.conf import conf
from talk_calls.exceptions import ServerBusy

#: Seconds that a password waits for its turn, in the thread of its request.
PATIENCE = 1.0

_changed = threading.Condition()
_running = _waiting = 0


@contextmanager
def limited(*, yields: bool = False) -> Iterator[None]:
    """Run the block, which hashes a password, as one of at most ``PASSWORDS_AT_ONCE``.

    As many wait for up to ``PATIENCE`` seconds. Raises ``ServerBusy`` if no turn came within that
    time, and at once if enough wait already: each holds a thread. A block that ``yields`` lets
    others go first: it leaves one place to them, and does not wait.
    """
    _take_turn(yields=yields)
    try:
        yield
    finally:
        _end_turn()


def _take_turn(*, yields: bool) -> None:
    global _running, _waiting  # noqa: PLW0603 -- one count for the process
    most = conf.passwords_at_once
    with _changed:
        if yields and (_waiting or _running >= max(1, most - 1)):
            raise ServerBusy
        if _running >= most:
            if _waiting >= most:
                raise ServerBusy
            _waiting += 1
            try:
                if not _changed.wait_for(lambda: _running < most, PATIENCE):
                    raise ServerBusy
            finally:
                _waiting -= 1
        _running += 1


def _end_turn() -> None:
    global _running  # noqa: PLW0603 -- as above
    with _changed:
        _running -= 1
        _changed.notify()
