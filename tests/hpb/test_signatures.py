"""Signatures of requests in both directions."""

import hmac
from hashlib import sha256

import pytest
from django.http.request import HttpHeaders

from talk_calls.hpb.signatures import sign, signer
from talk_calls.servers import SignalingServer

#: The known answer that the protocol's documentation has (signaling-server 2).
KNOWN = SignalingServer("https://known.example.org", "MySecretValue")
BODY = b'{"type":"auth","auth":{"version":"1.0","params":{"hello":"world"}}}'
RANDOM = "afb6b872ab03e3376b31bf0af601067222ff7990335ca02d327071b73c0119c6"
CHECKSUM = "3c4a69ff328299803ac2879614b707c807b4758cf19450755c60656cac46e3bc"
OTHER = SignalingServer("https://other.example.org", "another secret")


def signed(random: str = RANDOM, checksum: str = CHECKSUM) -> HttpHeaders:
    return HttpHeaders(
        {"HTTP_SPREED_SIGNALING_RANDOM": random, "HTTP_SPREED_SIGNALING_CHECKSUM": checksum}
    )


def test_known_answer():
    """The signature is that of the field."""
    assert signer([OTHER, KNOWN], signed(), BODY) == KNOWN
    assert signer([KNOWN], signed(checksum=CHECKSUM.upper()), BODY) == KNOWN


@pytest.mark.parametrize(
    "headers",
    [
        HttpHeaders({}),
        signed(checksum=""),
        signed(checksum="é" * 64),
        signed(checksum=CHECKSUM[:-1]),
        signed(checksum="\ud800" * 64),
        signed(random=RANDOM[:-1]),
        signed(random=f"{RANDOM[:-1]}\ud800"),
    ],
    ids=range(7),
)
def test_wrong_signatures(headers):
    """Whatever is sent, the answer is no."""
    assert signer([KNOWN, OTHER], headers, BODY) is None


def test_another_body():
    """Every byte is signed."""
    assert signer([KNOWN], signed(), BODY + b" ") is None
    assert signer([OTHER], signed(), BODY) is None
    assert signer([], signed(), BODY) is None


@pytest.mark.parametrize(("length", "found"), [(31, None), (32, KNOWN), (255, KNOWN), (256, None)])
def test_length_of_the_random_text(length, found):
    """Short ones are refused although their checksum is right."""
    random = "r" * length
    checksum = hmac.new(KNOWN.secret.encode(), random.encode() + BODY, sha256).hexdigest()
    assert signer([KNOWN], signed(random, checksum), BODY) == found


def test_own_signatures():
    """What we sign fits, and no two are alike."""
    first, second = sign(KNOWN.secret, BODY), sign(KNOWN.secret, BODY)
    assert signer([OTHER, KNOWN], first, BODY) == KNOWN
    assert first != second
