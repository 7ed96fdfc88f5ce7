"""A connection to a checked address, in a time that is one bound for everything.

The name of a host is resolved once. The connection goes to one of the addresses that were checked,
so a name server that gives another answer later changes nothing. TLS and the header ``Host`` have
the name. Timeouts of sockets start again with each byte, so here what is left of the whole time is
set before each read.
"""

import io
import socket
import ssl
import time
from collections.abc import Sequence
from functools import lru_cache
from http.client import HTTPConnection
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from django.utils.translation import gettext_lazy as _

from talk_calls.exceptions import untranslated
from talk_calls.webhook_values import Target
from talk_calls.webhooks.addresses import Network, is_allowed, is_public

#: Bytes of an answer that are read at most, its head and framing included. ``http.client`` reads
#: all that comes after a chunk of size -1.
_MOST_READ = 1 << 20


class Refused(Exception):
    """Nothing is sent there; the message says why."""


class Deadline:
    """The moment at which all has to be done."""

    def __init__(self, seconds: float) -> None:
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """Return how many seconds are left; raises ``TimeoutError`` if none are."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class CheckedConnection(HTTPConnection):
    """A connection to a target whose address was checked, for one request."""

    def __init__(self, target: Target, deadline: Deadline, networks: Sequence[Network]) -> None:
        super().__init__(target.host, target.port)
        self._target, self._deadline, self._networks = target, deadline, networks

    def connect(self) -> None:
        """Connect to the first checked address that answers; raises ``Refused``, ``OSError``."""
        addresses = _checked(self._target, self._deadline, self._networks)
        raw = _connected(addresses, self._target.port, self._deadline)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # head and body are two packets
        self.sock: Any = _TimedSocket(self._secured(raw), self._deadline)

    def _secured(self, raw: socket.socket) -> socket.socket:
        if not self._target.is_secure:
            return raw
        try:
            raw.settimeout(self._deadline.left())
            return _tls().wrap_socket(raw, server_hostname=self._target.host)
        except BaseException:
            raw.close()
            raise


class _TimedSocket:
    """What ``http.client`` needs of a socket, with what is left of the time before each step."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: bytes) -> None:
        self._sock.settimeout(self._deadline.left())
        self._sock.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_TimedReader(self._sock, self._deadline))

    def close(self) -> None:
        self._sock.close()


class _TimedReader(io.RawIOBase):
    """Reads from a socket, which stays open until this is closed, as with files of sockets.

    After ``_MOST_READ`` bytes the answer ends.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock, self._deadline, self._left = sock, deadline, _MOST_READ
        self._file = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(self._deadline.left())
        count = self._file.readinto(memoryview(buffer)[: self._left])
        self._left -= count or 0
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host; forms such as ``0x7f.1`` are addresses, too."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _checked(target: Target, deadline: Deadline, networks: Sequence[Network]) -> list[str]:
    """Return the addresses of a target to which something may be sent; raises ``Refused``."""
    found = _resolved(target, deadline)
    allowed = [address for address in found if is_allowed(address, networks)]
    if target.is_secure:
        allowed += [each for each in found if each not in allowed and is_public(each)]
    if allowed:
        return allowed
    if any(is_public(address) for address in found):
        raise Refused(untranslated(_("http:// is for WEBHOOK_PRIVATE_ADDRESSES only")))
    raise Refused(
        untranslated(_("the address is not public, and not in WEBHOOK_PRIVATE_ADDRESSES"))
    )


def _resolved(target: Target, deadline: Deadline) -> list[str]:
    """Resolve in a thread of its own: name servers that do not answer take longer than we have."""
    answers: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            answers.put(error)

    Thread(target=ask, name="talk_calls.webhooks.resolve", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _connected(addresses: Sequence[str], port: int, deadline: Deadline) -> socket.socket:
    """Connect to one address after the other; none may take the time of all."""
    problem = OSError("no address")
    for tried, address in enumerate(addresses):
        try:
            return socket.create_connection(
                (address, port), timeout=deadline.left() / (len(addresses) - tried)
            )
        except OSError as error:
            problem = error
    raise problem


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Return how certificates are verified: by the authorities of the system, which take a while.

    A site with an authority of its own sets ``SSL_CERT_FILE``, which OpenSSL reads.
    """
    return ssl.create_default_context()
