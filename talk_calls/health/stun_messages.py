"""Messages of STUN and TURN: those that ask for an address or for a relay.

The formats are those of RFC 8489 (STUN, long-term credentials) and RFC 8656 (TURN).
"""

import hashlib
import hmac
import secrets
import struct
from dataclasses import dataclass, field

COOKIE = 0x2112A442
HEADER = 20

BINDING, ALLOCATE, REFRESH = 0x0001, 0x0003, 0x0004
SUCCESS, FAILURE = 0x0100, 0x0110

USERNAME, INTEGRITY, ERROR_CODE, LIFETIME = 0x0006, 0x0008, 0x0009, 0x000D
REALM, NONCE, RELAYED, TRANSPORT, MAPPED = 0x0014, 0x0015, 0x0016, 0x0019, 0x0020

#: The protocol between a relay and the other side, as TRANSPORT holds it: UDP, number 17.
UDP = struct.pack("!B3x", 17)

_INTEGRITY_SIZE = 4 + 20


class MalformedMessage(Exception):
    """The bytes are no STUN message, or no answer to the request."""


@dataclass(frozen=True, slots=True)
class Message:
    """A request or an answer.

    ``kind`` is the message type on the wire, ``attributes`` maps attribute types to raw values, and
    ``transaction`` is the transaction id, by which an answer belongs to its request.
    """

    kind: int
    attributes: dict[int, bytes] = field(default_factory=dict)
    transaction: bytes = field(default_factory=lambda: secrets.token_bytes(12))

    def pack(self, key: bytes = b"") -> bytes:
        """Return the bytes to send, with MESSAGE-INTEGRITY if there is a key."""
        body = b"".join(_attribute(kind, value) for kind, value in self.attributes.items())
        if key:
            signed = self._header(len(body) + _INTEGRITY_SIZE) + body
            body += _attribute(INTEGRITY, hmac.new(key, signed, hashlib.sha1).digest())
        return self._header(len(body)) + body

    def _header(self, length: int) -> bytes:
        return struct.pack("!HHI", self.kind, length, COOKIE) + self.transaction

    @property
    def error(self) -> int:
        """Return the code of ERROR-CODE, such as 401; 0 if there is none."""
        value = self.attributes.get(ERROR_CODE, b"")
        return (value[2] & 7) * 100 + value[3] if len(value) >= 4 else 0  # noqa: PLR2004 -- its size


def unpack(data: bytes) -> Message:
    """Return the message that these bytes hold; raises ``MalformedMessage``."""
    if len(data) < HEADER:
        raise MalformedMessage
    kind, length, cookie = struct.unpack_from("!HHI", data)
    if cookie != COOKIE or len(data) < HEADER + length:
        raise MalformedMessage
    attributes: dict[int, bytes] = {}
    at = HEADER
    while at + 4 <= HEADER + length:
        name, size = struct.unpack_from("!HH", data, at)
        attributes.setdefault(name, data[at + 4 : at + 4 + size])
        at += 4 + size + -size % 4
    return Message(kind, attributes, data[8:HEADER])


def long_term_key(username: str, realm: bytes, password: str) -> bytes:
    """Return the key that signs requests with long-term credentials (RFC 8489, 9.2.2)."""
    secret = b":".join((username.encode(), realm, password.encode()))
    return hashlib.md5(secret, usedforsecurity=False).digest()


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("!HH", kind, len(value)) + value + bytes(-len(value) % 4)
