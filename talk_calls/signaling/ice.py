"""Servers that help browsers find a way to each other (STUN), or carry what finds none (TURN)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any

from talk_calls.conf import TurnServer, conf

#: How long credentials for a TURN server are good (constants 3.3).
CREDENTIAL_LIFE = timedelta(days=1)


def stun_servers() -> list[dict[str, Any]]:
    """Return all STUN servers as one entry; none is an empty list (behaviour 8.1).

    An entry with an empty list of addresses would stop browsers from starting any media.
    """
    urls = [f"stun:{address}" for address in conf.stun_servers]
    return [{"urls": urls}] if urls else []


def one_stun_server() -> list[dict[str, Any]]:
    """Return one STUN server at random, as v1 and v2 have it."""
    addresses = conf.stun_servers
    return [{"url": f"stun:{secrets.choice(addresses)}"}] if addresses else []


def turn_servers(now: datetime) -> list[dict[str, Any]]:
    """Return an entry for each TURN server, with all of its addresses."""
    return [
        {"urls": server.urls(), **_credentials(server, now)}
        for server in conf.turn_servers
        if server.urls()
    ]


def one_turn_server(now: datetime) -> list[dict[str, Any]]:
    """Return one TURN server at random with an entry for each address, as v1 and v2 have it."""
    if not conf.turn_servers:
        return []
    server = secrets.choice(conf.turn_servers)
    credentials = _credentials(server, now)
    return [{"url": [url], "urls": [url], **credentials} for url in server.urls()]


def _credentials(server: TurnServer, now: datetime) -> dict[str, str]:
    """Return a user name that says until when it is good, signed with the server's secret."""
    until = int((now + CREDENTIAL_LIFE).timestamp())
    username = f"{until}:{secrets.token_hex(8)}"
    digest = hmac.new(server.secret.encode(), username.encode(), hashlib.sha1).digest()
    return {"username": username, "credential": base64.b64encode(digest).decode()}
