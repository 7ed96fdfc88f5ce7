"""A connection to a STUN or TURN server: over UDP, TCP, or TCP with TLS."""

import socket
import ssl
import struct
from time import monotonic
from types import TracebackType
from typing import Self

from talk_calls.doctor.stun_messages import HEADER, Malformed, Message, unpacked

#: Seconds after which a question over UDP is asked again, twice as long each time.
AGAIN = 0.5


class Link:
    """Asks one question after the other; ``protocol`` is "udp", "tcp" or "tls".

    ``address`` is ``host:port``. Anything may raise ``OSError``, ``TimeoutError`` among them.
    """

    def __init__(self, address: str, protocol: str, timeout: float) -> None:
        self.protocol, self._timeout = protocol, timeout
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        if protocol == "udp":
            found = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(found[0], found[1], found[2])
            self._socket.connect(found[4])
            return
        self._socket = socket.create_connection((host, int(port)), timeout)
        if protocol == "tls":
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def __enter__(self) -> Self:
        """Return the link, which is open already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close it."""
        self._socket.close()

    def ask(self, question: Message, key: bytes = b"") -> Message:
        """Return the answer; ``key`` signs the question. Raises ``Malformed`` for nonsense."""
        data = question.packed(key)
        over = monotonic() + self._timeout
        answer = self._datagram(data, over) if self.protocol == "udp" else self._stream(data, over)
        if answer.transaction != question.transaction:
            raise Malformed
        return answer

    def _datagram(self, data: bytes, over: float) -> Message:
        pause = AGAIN
        while (left := over - monotonic()) > 0:
            self._socket.send(data)
            self._socket.settimeout(min(pause, left))
            pause *= 2
            try:
                return unpacked(self._socket.recv(65535))
            except TimeoutError:
                continue
        raise TimeoutError

    def _stream(self, data: bytes, over: float) -> Message:
        self._socket.sendall(data)
        head = self._read(HEADER, over)
        (length,) = struct.unpack_from("!H", head, 2)
        return unpacked(head + self._read(length, over))

    def _read(self, size: int, over: float) -> bytes:
        data = b""
        while len(data) < size:
            left = over - monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionResetError
            data += more
        return data
