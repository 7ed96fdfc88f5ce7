"""One request to a receiver, and what came of it."""

import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse

from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.exceptions import InvalidValue, untranslated
from talk_calls.models.webhooks import RESPONSE_BYTES
from talk_calls.webhook_values import target_of
from talk_calls.webhooks.addresses import Network
from talk_calls.webhooks.connections import CheckedConnection, Deadline, Refused

#: The statuses by which a receiver says that it has the event; a redirect is none of them.
_SUCCESS = range(200, 300)

#: What explains an attempt that got no answer.
_REFUSED = _("Refused")
_NO_ANSWER = _("No answer in time")
_NO_HOST = _("The name of the host was not found")
_NOT_VALID = _("The certificate is not valid")


@dataclass(frozen=True, slots=True)
class Request:
    """What to send where, all that a thread without a database needs."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    timeout: float
    networks: Sequence[Network]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a request.

    ``status_code`` is None, and ``error`` says why, if there was no answer. ``response`` is the
    beginning of its body; ``duration`` is seconds; ``retry_after`` is what the receiver asked for.
    """

    status_code: int | None = None
    response: str = ""
    error: str = ""
    duration: float = 0.0
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        """Tell whether the receiver has the event."""
        return self.status_code in _SUCCESS

    @property
    def is_gone(self) -> bool:
        """Tell whether the receiver asked for no more events."""
        return self.status_code == HTTPStatus.GONE


def request_to(url: str, body: bytes, headers: Mapping[str, str]) -> Request:
    """Return a request as the settings want it."""
    seconds = conf.webhook_timeout.total_seconds()
    return Request(url, body, headers, seconds, tuple(conf.webhook_private_addresses))


def send(request: Request) -> Attempt:
    """Send a request; never raises for what a receiver, its name or its network does.

    No redirects are followed, and no proxies of the environment used. All of it takes as long as
    ``timeout`` at most.
    """
    start = time.monotonic()
    try:
        answer = _post(request)
    except (InvalidValue, Refused, OSError, HTTPException, ValueError) as error:
        answer = Attempt(error=_explained(error, request.timeout))
    duration = round(time.monotonic() - start, 3)
    return Attempt(answer.status_code, answer.response, answer.error, duration, answer.retry_after)


def _post(request: Request) -> Attempt:
    target = target_of(request.url)
    connection = CheckedConnection(target, Deadline(request.timeout), request.networks)
    try:
        headers = {**request.headers, "Host": target.host_header}
        connection.request("POST", target.path, request.body, headers)
        return _read(connection.getresponse())
    finally:
        connection.close()


def _read(answer: HTTPResponse) -> Attempt:
    try:
        content = answer.read(RESPONSE_BYTES)
    except (OSError, HTTPException, ValueError):  # the status says it all
        content = b""
    finally:
        answer.close()
    status = answer.status
    error = "" if status in _SUCCESS else f"HTTP {status}"
    text = content.decode(errors="replace").replace("\0", "�")
    return Attempt(status, text, error, retry_after=_retry_after(answer.headers["Retry-After"]))


def _retry_after(value: str | None) -> timedelta | None:
    """Return for how long to wait (RFC 9110, 10.2.3); None if the receiver does not say."""
    if value is None:
        return None
    try:
        if value.strip().isdecimal():
            return timedelta(seconds=int(value))
        moment = parsedate_to_datetime(value)
        return moment.astimezone(UTC) - datetime.now(UTC)
    except (OverflowError, TypeError, ValueError):
        return None


def _explained(error: Exception, timeout: float) -> str:
    """Return one line for operators, without anything that a receiver could put there.

    It is English, of parts that ``reports.webhooks.error_text`` translates.
    """
    match error:
        case InvalidValue():
            return untranslated(error.message)
        case Refused():
            return f"{untranslated(_REFUSED)}: {error}"
        case TimeoutError():
            return f"{untranslated(_NO_ANSWER)}: {timeout:g} s"
        case socket.gaierror() | UnicodeError():
            return untranslated(_NO_HOST)
        case ssl.SSLCertVerificationError():
            return f"{untranslated(_NOT_VALID)}: {error.verify_message}"
    reason = error.strerror if isinstance(error, OSError) else None
    return f"{type(error).__name__}: {reason}" if reason else type(error).__name__
