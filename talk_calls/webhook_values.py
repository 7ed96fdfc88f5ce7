"""What a webhook endpoint may have as its URL, its secret and its event types."""

import base64
import binascii
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from talk_calls.constants import EventType
from talk_calls.exceptions import InvalidValue

#: What secrets begin with (Standard Webhooks), and how many random bytes follow in Base64.
SECRET_PREFIX, SECRET_BYTES = "whsec_", 32

#: How many bytes a secret may have (Standard Webhooks).
_SECRET_RANGE = range(24, 65)

#: How many characters the name and the URL of an endpoint may have.
NAME_MAX_LENGTH, URL_MAX_LENGTH = 100, 2000

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send: the parts of a URL; ``host`` is a name in ASCII, or an address."""

    is_secure: bool
    host: str
    port: int
    path: str

    @property
    def host_header(self) -> str:
        """Return the value of the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = _PORTS["https" if self.is_secure else "http"]
        return host if self.port == usual else f"{host}:{self.port}"


def target_of(url: str) -> Target:
    """Return the parts of a URL; raises ``InvalidValue`` for one to which nothing may be sent."""
    if len(url) > URL_MAX_LENGTH:
        raise InvalidValue(_("The URL is longer than {most} characters."), most=URL_MAX_LENGTH)
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise InvalidValue(_("The URL has characters that no URL has. Encode them."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidValue(_("This is no URL.")) from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InvalidValue(_("The URL has to begin with https:// and the name of a host."))
    if "@" in parts.netloc:
        raise InvalidValue(_("The URL may have no user and password. Webhooks are signed."))
    if parts.fragment or port == 0:
        raise InvalidValue(_("This is no URL to send something to."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme == "https", parts.hostname, port or _PORTS[parts.scheme], path)


def new_secret() -> str:
    """Return a new secret, such as ``whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw…``."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def check_secret(secret: object) -> None:
    """Raise ``InvalidValue`` for a secret that Standard Webhooks does not allow."""
    if not isinstance(secret, str) or not secret.startswith(SECRET_PREFIX):
        raise InvalidValue(_("A secret begins with whsec_."))
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise InvalidValue(_("After whsec_, a secret is Base64.")) from None
    if len(key) not in _SECRET_RANGE:
        raise InvalidValue(_("A secret is 24 to 64 random bytes in Base64."))


def check_event_types(event_types: Iterable[object]) -> None:
    """Raise ``InvalidValue`` for a type or group that no event has."""
    for wanted in event_types:
        if not isinstance(wanted, str) or not any(matches(wanted, kind) for kind in EventType):
            raise InvalidValue(_("There are no events {type!r}."), type=wanted)


def wants(event_types: Iterable[str], event_type: str) -> bool:
    """Tell whether an endpoint with these event types gets events of a type."""
    wanted = list(event_types)
    return not wanted or any(matches(each, event_type) for each in wanted)


def matches(wanted: str, event_type: str) -> bool:
    """Tell whether a type, or a group such as ``call.*``, has the events of a type."""
    if wanted == "*":
        return True
    group = wanted.removesuffix("*")
    return event_type.startswith(group) if wanted.endswith(".*") else wanted == event_type
