"""The private key that signs tokens for clients; signaling servers get its public half.

It is where ``SIGNALING["KEY"]`` says: in the setting, in a file, or in the database, where it is
encrypted with a key that is derived from SECRET_KEY. Servers read the public half with the
capabilities, know one at a time, and keep it for up to an hour. While they may know either the old
or the new one, no token is made and clients show their ticket instead (docs/decisions/0037).
"""

import base64
import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.signals import setting_changed
from django.utils.crypto import salted_hmac

from talk_calls.conf import conf
from talk_calls.host import clock
from talk_calls.models import SignalingKey
from talk_calls.models.signaling_keys import THE_KEY

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

logger = logging.getLogger(__name__)

#: How long after a change every server knows a new key: they keep capabilities for an hour at most.
SPREAD = timedelta(minutes=65)

#: Seconds for which a process keeps the key before it looks again where it is.
_KEPT_FOR = 60

_PEM_BEGINS = "-----BEGIN"


class UnusableKey(Exception):
    """The key cannot be read; the text says why, and has nothing of it."""


@dataclass(frozen=True, slots=True)
class Key:
    """A private key, its public half as PEM, and from when on tokens are signed with it."""

    private: "EllipticCurvePrivateKey"
    public: str
    used_from: datetime


#: When the key was read, and the key.
_kept: tuple[float, Key | None] | None = None


def current() -> Key | None:
    """Return the key, which is made at first use; None if there is none that can be used.

    That is logged; clients show their tickets then. One query a minute at most in each process.
    """
    global _kept  # noqa: PLW0603 -- one for the process
    kept = _kept  # another thread may forget it meanwhile
    if kept is None or kept[0] < time.monotonic() - _KEPT_FOR:
        try:
            key = load()
        except (UnusableKey, ImportError) as error:
            logger.error("Signaling servers are told no key for tokens: %s", error)
            key = None
        _kept = kept = (time.monotonic(), key)
    return kept[1]


def forget(**_: object) -> None:
    """Read the key anew at its next use."""
    global _kept  # noqa: PLW0603
    _kept = None


setting_changed.connect(forget)


def load() -> Key:
    """Read the key from where it is, making it if the database has none; raises ``UnusableKey``."""
    where = conf.signaling.key.strip()
    if not where:
        return _load_row()
    if _PEM_BEGINS in where:
        return _key(where.encode(), datetime.min.replace(tzinfo=UTC))
    return _load_file(Path(where))


def rotate() -> Key:
    """Replace the key in the database; the new one is told at once, and used after ``SPREAD``."""
    used_from = clock.now() + SPREAD
    values = {"private_key": _encrypt(generate()), "used_from": used_from}
    SignalingKey.objects.update_or_create(pk=THE_KEY, defaults=values)
    forget()
    return _load_row()


def generate() -> bytes:
    """Return a new private key as PEM."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    return ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _load_row() -> Key:
    row = SignalingKey.objects.filter(pk=THE_KEY).first()
    if row is None:
        # Of several processes that find none, one makes it. It is used at once, also by requests
        # that began before: servers that know no key look again when they need one.
        values = {"private_key": _encrypt(generate()), "used_from": clock.now() - SPREAD}
        row, _ = SignalingKey.objects.get_or_create(pk=THE_KEY, defaults=values)
    return _key(_decrypt(row.private_key), row.used_from)


def _load_file(path: Path) -> Key:
    """Read a file; the time of its last change is that of the last rotation.

    Messages leave out its name: it may be a key that lacks the first line.
    """
    try:
        pem, changed = path.read_bytes(), path.stat().st_mtime
    except OSError as error:
        raise UnusableKey(f"The file that it names cannot be read: {error.strerror}.") from None
    except ValueError:  # NUL
        raise UnusableKey("It names no file.") from None
    return _key(pem, datetime.fromtimestamp(changed, UTC) + SPREAD)


def _key(pem: bytes, used_from: datetime) -> Key:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (UnsupportedAlgorithm, ValueError, TypeError) as error:
        raise UnusableKey("It is no private key in the form of PEM without a password.") from error
    if not isinstance(private, ec.EllipticCurvePrivateKey) or private.curve.name != "secp256r1":
        raise UnusableKey("It is no key for ES256: elliptic curve, P-256.")
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return Key(private, public.decode(), used_from)


def _encrypt(pem: bytes) -> str:
    return _fernet().encrypt(pem).decode()


def _decrypt(text: str) -> bytes:
    from cryptography.fernet import InvalidToken

    try:
        return _fernet().decrypt(text.encode())
    except InvalidToken as error:
        raise UnusableKey(
            "The key in the database was encrypted with another SECRET_KEY: list that in "
            "SECRET_KEY_FALLBACKS, or run talk_signaling_key rotate."
        ) from error


def _fernet() -> "MultiFernet":
    """Return what encrypts with SECRET_KEY, and decrypts with that or one of its fallbacks."""
    from cryptography.fernet import Fernet, MultiFernet

    secrets: list[Any] = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(secret)) for secret in secrets])


def _derived(secret: Any) -> bytes:
    digest = salted_hmac(__name__, "key", secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest)
