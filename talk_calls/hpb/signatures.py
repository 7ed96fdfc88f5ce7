"""Signatures of requests between this site and signaling servers (signaling-server 2).

Both directions sign alike: HMAC-SHA256 with the shared secret, of a random text and the body.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping

from talk_calls.servers import SignalingServer

RANDOM_HEADER = "Spreed-Signaling-Random"
CHECKSUM_HEADER = "Spreed-Signaling-Checksum"

#: How many characters the random text has at least, and at most, since it is hashed.
_SHORTEST, _LONGEST = 32, 255


def sign(secret: str, body: bytes) -> dict[str, str]:
    """Return the headers that sign a request with this body."""
    random = secrets.token_hex(32)
    return {RANDOM_HEADER: random, CHECKSUM_HEADER: _checksum(secret, random, body)}


def signer(
    servers: Iterable[SignalingServer], headers: Mapping[str, str], body: bytes
) -> SignalingServer | None:
    """Return the server whose secret signs a request, or None if none does.

    ``headers`` finds names in any letter case. Each secret is tried, whichever fits, and compared
    in constant time. Servers may share one secret; the first of them is returned then.
    """
    random = headers.get(RANDOM_HEADER, "")
    checksum = headers.get(CHECKSUM_HEADER, "").lower()
    if not _SHORTEST <= len(random) <= _LONGEST:
        return None
    fitting = [each for each in servers if _fits(each.secret, random, body, checksum)]
    return fitting[0] if fitting else None


def _fits(secret: str, random: str, body: bytes, checksum: str) -> bool:
    expected = _checksum(secret, random, body)
    return hmac.compare_digest(expected.encode(), checksum.encode(errors="replace"))


def _checksum(secret: str, random: str, body: bytes) -> str:
    signed = random.encode(errors="replace") + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
