"""A connection to a STUN or TURN server: over UDP, TCP, or TCP with TLS."""

import socket
import ssl
import struct
from time import monotonic
from types import TracebackType
from typing import Self

from talk_calls.health.stun_messages import HEADER, MalformedMessage, Message, unpack

#: Seconds after which a request over UDP is first sent again; the wait doubles each time.
RETRANSMIT_AFTER = 0.5


class StunConnection:
    """Sends one request after the other; a context manager that closes the socket.

    ``address`` is ``host:port``, ``protocol`` "udp", "tcp" or "tls", ``timeout`` the seconds that
    each answer may take. Everything may raise ``OSError``, of which ``TimeoutError`` is one.
    """

    def __init__(self, address: str, protocol: str, timeout: float) -> None:
        self.protocol, self._timeout = protocol, timeout
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        if protocol == "udp":
            resolved = socket.getaddrinfo(host, int(port), type=socket.SOCK_DGRAM)[0]
            self._socket = socket.socket(resolved[0], resolved[1], resolved[2])
            self._socket.connect(resolved[4])
            return
        self._socket = socket.create_connection((host, int(port)), timeout)
        if protocol == "tls":
            context = ssl.create_default_context()
            self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._socket.close()

    def request(self, message: Message, key: bytes = b"") -> Message:
        """Send a request and return its answer; ``key``, if any, signs the request.

        Raises ``MalformedMessage`` if what comes back is not an answer to it.
        """
        data = message.pack(key)
        deadline = monotonic() + self._timeout
        exchange = self._over_udp if self.protocol == "udp" else self._over_tcp
        answer = exchange(data, deadline)
        if answer.transaction != message.transaction:
            raise MalformedMessage
        return answer

    def _over_udp(self, data: bytes, deadline: float) -> Message:
        pause = RETRANSMIT_AFTER
        while (left := deadline - monotonic()) > 0:
            self._socket.send(data)
            self._socket.settimeout(min(pause, left))
            pause *= 2
            try:
                return unpack(self._socket.recv(65535))
            except TimeoutError:
                continue
        raise TimeoutError

    def _over_tcp(self, data: bytes, deadline: float) -> Message:
        self._socket.sendall(data)
        header = self._read(HEADER, deadline)
        (length,) = struct.unpack_from("!H", header, 2)
        return unpack(header + self._read(length, deadline))

    def _read(self, size: int, deadline: float) -> bytes:
        data = b""
        while len(data) < size:
            left = deadline - monotonic()
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            more = self._socket.recv(size - len(data))
            if not more:
                raise ConnectionResetError
            data += more
        return data
