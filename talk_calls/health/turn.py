"""Checks that the TURN servers relay media for clients.

The credentials are made as for any client. Each server is asked for a relay with them (an
allocation), which is released at once.
"""

import base64
import hashlib
import hmac
import re
import struct
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from talk_calls.conf import conf
from talk_calls.health.results import CheckContext, Result, error, ok, skipped, warning
from talk_calls.health.stun import reason
from talk_calls.health.stun_connection import StunConnection
from talk_calls.health.stun_messages import (
    ALLOCATE,
    LIFETIME,
    NONCE,
    REALM,
    REFRESH,
    RELAYED,
    SUCCESS,
    TRANSPORT,
    UDP,
    USERNAME,
    MalformedMessage,
    Message,
    long_term_key,
)
from talk_calls.servers import TurnServer
from talk_calls.signaling import ice

_UNREACHABLE = _("Is the address right, is the server up, and do firewalls let it through?")
_UNAUTHORIZED, _MISMATCH, _STALE = 401, 437, 438

#: How many local ports to try: an earlier client's allocation may still exist for one of them.
_PORTS = 5
_HINTS = {
    300: _("The server sends clients to another one (alternate-server); set that one's address."),
    _UNAUTHORIZED: _(
        "SECRET must be the server's static-auth-secret (coturn: use-auth-secret), and the "
        "clocks of both machines must agree."
    ),
    403: _("The server forbids this relay; check its allowed and denied peers and addresses."),
    _MISMATCH: _("The server takes this client for an earlier one; run the check again."),
    442: _("The server relays no UDP."),
    486: _("Its quota for one user or for all is used up (coturn: user-quota, total-quota)."),
    508: _("It has no ports or addresses left to relay with (coturn: min-port, max-port)."),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """The user name and the password that a client has for a TURN server."""

    username: str
    password: str


def run(context: CheckContext) -> list[Result]:
    """Ask each server for a relay, at each of its addresses."""
    if not conf.turn_servers:
        hint = _("Set TURN_SERVERS: about one network in ten lets nothing else through.")
        return [warning(_("No TURN servers are set."), hint)]
    servers = [server for server in conf.turn_servers if server.urls()]
    entries = ice.turn_servers(context.now)
    return [
        result
        for server, entry in zip(servers, entries, strict=True)
        for result in _check_server(
            server, Credentials(str(entry["username"]), str(entry["credential"])), context
        )
    ]


def _check_server(
    server: TurnServer, credentials: Credentials, context: CheckContext
) -> list[Result]:
    if problem := credentials_problem(server, credentials, context.now):
        return [error(f"{server.address}: {problem}", _("This is a bug; please report it."))]
    return [_check_url(url, credentials, context) for url in server.urls()]


def credentials_problem(server: TurnServer, credentials: Credentials, now: datetime) -> str:
    """Return what is wrong with the form of credentials, or empty text.

    The user name must begin with the Unix time at which it expires, and the password must be the
    HMAC of the user name with the server's secret.
    """
    until, separator, __ = credentials.username.partition(":")
    if not separator or not until.isdecimal():
        return gettext("The user name does not begin with the time at which it expires.")
    if int(until) <= now.timestamp():
        return gettext("The credentials have expired.")
    digest = hmac.new(server.secret.encode(), credentials.username.encode(), hashlib.sha1).digest()
    if not hmac.compare_digest(base64.b64encode(digest).decode(), credentials.password):
        return gettext("The credential is not signed with the secret.")
    return ""


def _check_url(url: str, credentials: Credentials, context: CheckContext) -> Result:
    parts = re.fullmatch(r"(turns?):(.+)\?transport=(udp|tcp)", url)
    assert parts is not None  # noqa: S101 -- TurnServer.urls() makes no others
    scheme, address, transport = parts.groups()
    if (scheme, transport) == ("turns", "udp"):
        return skipped(_("{url}: TURN over DTLS is not checked.").format(url=url))
    try:
        protocol = "tls" if scheme == "turns" else transport
        answer = relay(address, protocol, credentials, context.timeout)
    except TimeoutError:
        return error(
            _("{url} does not answer within {timeout:g} s.").format(
                url=url, timeout=context.timeout
            ),
            _UNREACHABLE,
        )
    except (OSError, MalformedMessage) as exception:
        return error(
            _("{url} does not answer: {reason}.").format(url=url, reason=reason(exception)),
            _UNREACHABLE,
        )
    if answer.kind == ALLOCATE | SUCCESS and RELAYED in answer.attributes:
        return ok(_("{url} accepts our credentials and relays.").format(url=url))
    hint = _HINTS.get(answer.error, _("Look at the server's log."))
    return error(_("{url} refuses with error {error}.").format(url=url, error=answer.error), hint)


def relay(address: str, protocol: str, credentials: Credentials, timeout: float) -> Message:
    """Ask a server for a relay with the credentials, and return its answer.

    ``protocol`` and ``timeout`` (in seconds) are those of ``StunConnection``. If the server takes
    this client for an earlier one, it is asked again from another port (RFC 8656, 6.4).
    """
    for __ in range(_PORTS):
        with StunConnection(address, protocol, timeout) as connection:
            answer = allocate(connection, credentials)
        if answer.error != _MISMATCH:
            break
    return answer


def allocate(connection: StunConnection, credentials: Credentials) -> Message:
    """Ask for a relay with long-term credentials, release it, and return the answer.

    The server refuses the first request with its realm and a nonce (RFC 8489, 9.2), and may refuse
    the second with a new nonce.
    """
    wanted = {TRANSPORT: UDP}
    answer = connection.request(Message(ALLOCATE, wanted))
    for expected in (_UNAUTHORIZED, _STALE):
        if answer.error != expected or not {REALM, NONCE} <= set(answer.attributes):
            break
        realm, nonce = answer.attributes[REALM], answer.attributes[NONCE]
        key = long_term_key(credentials.username, realm, credentials.password)
        login = {USERNAME: credentials.username.encode(), REALM: realm, NONCE: nonce}
        answer = connection.request(Message(ALLOCATE, wanted | login), key)
        if answer.kind == ALLOCATE | SUCCESS:
            connection.request(Message(REFRESH, {LIFETIME: struct.pack("!I", 0), **login}), key)
            break
    return answer
