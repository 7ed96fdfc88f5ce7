"""Circuits: a signaling server that fails is tried once a second, and not for each change."""

import logging
import os
import time
from threading import Lock

from talk_calls.conf import conf
from talk_calls.servers import SignalingServer

logger = logging.getLogger(__name__)

#: How many failures in a row open a circuit.
FAILURES = 3

#: Seconds between two tries of a server whose circuit is open.
RETRY_AFTER = 1.0

#: Seconds without a request after which a server that works is asked whether it still does.
QUIET = 2.0


class Circuit:
    """Whether one server is worth a request now; used by several threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._failures = 0
        self._retry_at = 0.0
        self._asked_at = 0.0
        self._lock = Lock()

    @property
    def is_open(self) -> bool:
        """Tell whether the server failed often, and has not answered since."""
        return self._failures >= FAILURES

    @property
    def is_waiting(self) -> bool:
        """Tell whether ``take`` would refuse at the moment."""
        return self.is_open and time.monotonic() < self._retry_at

    def take(self) -> bool:
        """Tell whether to send something now: always, but once a second while it is open."""
        with self._lock:
            if self.is_waiting:
                return False
            self._asked_at = time.monotonic()
            self._retry_at = self._asked_at + RETRY_AFTER
            return True

    def take_if_quiet(self) -> bool:
        """Tell whether to ask the server whether it is up, as nothing was sent for a while."""
        pause = RETRY_AFTER if self._failures else QUIET
        return time.monotonic() > self._asked_at + pause and self.take()

    def succeeded(self) -> None:
        """Note that the server answered, which closes the circuit."""
        with self._lock:
            was_open, self._failures = self.is_open, 0
        if was_open:
            logger.warning("The signaling server %s takes what it is told again.", self._url)

    def failed(self, reason: object) -> None:
        """Note that the server did not answer, or not as it should."""
        with self._lock:
            self._failures += 1
            opened = self._failures == FAILURES
        if opened:
            logger.error(
                "The signaling server %s does not take what it is told (%s). Requests do not wait"
                " for it; it is tried once a second, and told everything when it is back.",
                self._url,
                reason,
            )


def circuit_of(url: str) -> Circuit:
    """Return the circuit of a server in this process."""
    return _circuits.setdefault(url, Circuit(url))


def server_to_tell(token: str, kept: str) -> SignalingServer:
    """Return the server to be told about a conversation; ``kept`` is as for ``server_for``.

    The servers of a cluster tell each other, so one that is not to be tried is passed over.
    """
    signaling = conf.signaling
    server = signaling.server_for(token, kept=kept)
    if not signaling.cluster or not circuit_of(server.url).is_waiting:
        return server
    others = (each for each in signaling.servers if not circuit_of(each.url).is_open)
    return next(others, server)


def forget() -> None:
    """Forget all failures."""
    _circuits.clear()


_circuits: dict[str, Circuit] = {}

os.register_at_fork(after_in_child=forget)
