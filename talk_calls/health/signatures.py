"""How ``talk_health`` proves to the site that it is of the site: by ``SECRET_KEY``."""

from django.core import signing

#: The header of a request that carries the signature.
HEADER = "X-Talk-Calls-Health"

#: Seconds for which a signature is good; the clocks of two machines may differ a little.
MAX_AGE = 60

_SIGNER_SALT = "talk_calls.health"
_TEXT = "talk_health"


def signature() -> str:
    """Return a signature of now, for ``HEADER``."""
    return signing.TimestampSigner(salt=_SIGNER_SALT).sign(_TEXT)


def is_signature(text: str) -> bool:
    """Tell whether somebody who knows ``SECRET_KEY`` made it, up to ``MAX_AGE`` seconds ago."""
    try:
        return signing.TimestampSigner(salt=_SIGNER_SALT).unsign(text, max_age=MAX_AGE) == _TEXT
    except signing.BadSignature:
        return False
