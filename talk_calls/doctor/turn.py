"""Would the TURN servers relay media for our clients?

The credentials are made as for any client, and each server is really asked for a relay with them,
which is given back at once.
"""

import base64
import hashlib
import hmac
import re
import struct
from datetime import datetime
from typing import Any

from talk_calls.conf import TurnServer, conf
from talk_calls.doctor.findings import Finding, Visit, error, skipped, warning, well
from talk_calls.doctor.links import Link
from talk_calls.doctor.stun import reason
from talk_calls.doctor.stun_messages import (
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
    Malformed,
    Message,
    long_term_key,
)
from talk_calls.signaling import ice

_UNREACHED = "Is the address right, does the server run, and do firewalls let it through?"
_UNAUTHORIZED, _MISMATCH, _STALE = 401, 437, 438

#: Ports of ours that are tried: a server may still remember one that somebody had a moment ago.
_PORTS = 3
_HINTS = {
    300: "The server sends clients to another one (alternate-server); set that one's address.",
    _UNAUTHORIZED: "SECRET must be the server's static-auth-secret (coturn: use-auth-secret), and "
    "the clocks of both machines must agree.",
    403: "The server forbids relays to us; look at its allowed and denied peers and addresses.",
    _MISMATCH: "The server mixes us up with another client; ask again.",
    442: "The server relays no UDP.",
    486: "Its quota for one user or for all is used up (coturn: user-quota, total-quota).",
    508: "It has no ports or addresses left to relay with (coturn: min-port, max-port).",
}


def examine(visit: Visit) -> list[Finding]:
    """Ask each server for a relay, by each of its addresses."""
    if not conf.turn_servers:
        hint = "Set TURN_SERVERS: some networks let nothing else through, some one in ten."
        return [warning("No TURN servers are set.", hint)]
    servers = [server for server in conf.turn_servers if server.urls()]
    entries = ice.turn_servers(visit.now)
    return [
        finding
        for server, entry in zip(servers, entries, strict=True)
        for finding in _examine(server, entry, visit)
    ]


def _examine(server: TurnServer, entry: dict[str, Any], visit: Visit) -> list[Finding]:
    if trouble := wrong_form(server, entry, visit.now):
        return [error(f"{server.address}: {trouble}", "This is a bug; please report it.")]
    return [_asked(url, entry, visit) for url in entry["urls"]]


def wrong_form(server: TurnServer, entry: dict[str, Any], now: datetime) -> str:
    """Return what is wrong with credentials by themselves; empty if nothing is.

    They are a user name that begins with the time of its end, and its HMAC with the secret.
    """
    until, separator, _ = entry["username"].partition(":")
    if not separator or not until.isdecimal():
        return "The user name does not say until when it is good."
    if int(until) <= now.timestamp():
        return "The credentials have expired."
    digest = hmac.new(server.secret.encode(), entry["username"].encode(), hashlib.sha1).digest()
    if not hmac.compare_digest(base64.b64encode(digest).decode(), entry["credential"]):
        return "The credential is not signed with the secret."
    return ""


def _asked(url: str, entry: dict[str, Any], visit: Visit) -> Finding:
    parts = re.fullmatch(r"(turns?):(.+)\?transport=(udp|tcp)", url)
    assert parts is not None  # noqa: S101 -- conf makes no others
    scheme, address, transport = parts.groups()
    if (scheme, transport) == ("turns", "udp"):
        return skipped(f"{url}: relays over DTLS are not tried.")
    try:
        answer = relay(address, "tls" if scheme == "turns" else transport, entry, visit.timeout)
    except TimeoutError:
        return error(f"{url} does not answer within {visit.timeout:g} s.", _UNREACHED)
    except (OSError, Malformed) as trouble:
        return error(f"{url} does not answer: {reason(trouble)}.", _UNREACHED)
    if answer.kind == ALLOCATE | SUCCESS and RELAYED in answer.attributes:
        return well(f"{url} accepts our credentials and relays.")
    hint = _HINTS.get(answer.error, "Look into the log of the server.")
    return error(f"{url} refuses with error {answer.error}.", hint)


def relay(address: str, protocol: str, entry: dict[str, Any], timeout: float) -> Message:
    """Ask a server for a relay with the credentials of ``entry``, and return its answer.

    ``protocol`` and ``timeout`` (in seconds) are those of ``Link``. A server that takes us for an
    earlier client is asked again from another port, as RFC 8656 (6.4) has it.
    """
    for _ in range(_PORTS):
        with Link(address, protocol, timeout) as link:
            answer = allocate(link, entry["username"], entry["credential"])
        if answer.error != _MISMATCH:
            break
    return answer


def allocate(link: Link, username: str, password: str) -> Message:
    """Ask for a relay with long-term credentials and return the answer; a relay is given back.

    The server first says its realm and a nonce by refusing (RFC 8489, 9.2), and may say once that
    the nonce is old.
    """
    wanted = {TRANSPORT: UDP}
    answer = link.ask(Message(ALLOCATE, wanted))
    for expected in (_UNAUTHORIZED, _STALE):
        if answer.error != expected or not {REALM, NONCE} <= set(answer.attributes):
            break
        realm, nonce = answer.attributes[REALM], answer.attributes[NONCE]
        key = long_term_key(username, realm, password)
        login = {USERNAME: username.encode(), REALM: realm, NONCE: nonce}
        answer = link.ask(Message(ALLOCATE, wanted | login), key)
        if answer.kind == ALLOCATE | SUCCESS:
            link.ask(Message(REFRESH, {LIFETIME: struct.pack("!I", 0), **login}), key)
            break
    return answer
