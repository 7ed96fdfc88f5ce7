"""ICE servers: STUN tells browsers their public address, TURN relays media between them."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import TypeAlias

from talk_calls.conf import conf
from talk_calls.servers import TurnServer

#: How long credentials for a TURN server are valid (constants 3.3).
CREDENTIAL_LIFE = timedelta(days=1)

#: An entry of the list of ICE servers as clients get it.
ICEServer: TypeAlias = dict[str, str | list[str]]


def stun_servers() -> list[ICEServer]:
    """Return one entry with all STUN servers, or an empty list (behaviour 8.1).

    Browsers refuse to start a connection with an entry that has no addresses.
    """
    urls = [f"stun:{address}" for address in conf.stun_servers]
    return [{"urls": urls}] if urls else []


def one_stun_server() -> list[ICEServer]:
    """Return one STUN server at random, in the form of v1 and v2."""
    addresses = conf.stun_servers
    return [{"url": f"stun:{secrets.choice(addresses)}"}] if addresses else []


def turn_servers(now: datetime) -> list[ICEServer]:
    """Return an entry for each TURN server, with all of its addresses and new credentials.

    Keys are ``urls``, ``username`` and ``credential``, as browsers' ``RTCIceServer`` has them.
    """
    return [
        {"urls": server.urls(), **_credentials(server, now)}
        for server in conf.turn_servers
        if server.urls()
    ]


def one_turn_server(now: datetime) -> list[ICEServer]:
    """Return one TURN server at random with an entry for each address, in the form of v1 and v2."""
    if not conf.turn_servers:
        return []
    server = secrets.choice(conf.turn_servers)
    credentials = _credentials(server, now)
    return [{"url": [url], "urls": [url], **credentials} for url in server.urls()]


def turn_lifetime() -> int | None:
    """Return for how many seconds new credentials are valid; None without a TURN server."""
    if not any(server.urls() for server in conf.turn_servers):
        return None
    return int(CREDENTIAL_LIFE.total_seconds())


def _credentials(server: TurnServer, now: datetime) -> dict[str, str]:
    """Return a user name that begins with its Unix time of expiry, signed with the secret."""
    until = int((now + CREDENTIAL_LIFE).timestamp())
    username = f"{until}:{secrets.token_hex(8)}"
    digest = hmac.new(server.secret.encode(), username.encode(), hashlib.sha1).digest()
    return {"username": username, "credential": base64.b64encode(digest).decode()}
