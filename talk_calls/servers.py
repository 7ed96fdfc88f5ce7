"""The servers that the settings name: for TURN, for signaling, and receivers of webhooks."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class TurnServer:
    """A TURN server with a secret that it shares with this site.

    ``address`` is ``host:port``; ``schemes`` are "turn" and "turns", ``protocols`` "udp" and "tcp".
    """

    address: str
    secret: str = field(repr=False)  # error reports show what frames hold
    schemes: tuple[str, ...] = ("turn",)
    protocols: tuple[str, ...] = ("udp", "tcp")

    def urls(self) -> list[str]:
        """Return the server's addresses as URLs for browsers (``turn:host:port?transport=udp``)."""
        return [
            f"{scheme}:{self.address}?transport={protocol}"
            for scheme in self.schemes
            for protocol in self.protocols
        ]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "TurnServer":
        """Return the server of an entry of ``TURN_SERVERS``."""
        given = {name.lower(): value for name, value in entry.items()}
        for name in {"schemes", "protocols"} & set(given):
            given[name] = tuple(given[name])
        return cls(**given)


@dataclass(frozen=True, slots=True)
class SignalingServer:
    """A High-performance Backend with a secret that it shares with this site.

    ``url`` is its base URL without a slash at the end. ``verify`` tells whether its certificate is
    checked: by the authorities of the system, or by those in the file that it names.
    """

    url: str
    secret: str = field(repr=False)
    verify: bool | str = True

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "SignalingServer":
        """Return the server of an entry of ``SIGNALING["SERVERS"]``."""
        given = {name.lower(): value for name, value in entry.items()}
        return cls(**{**given, "url": given["url"].rstrip("/")})


@dataclass(frozen=True, slots=True)
class Signaling:
    """Who carries the messages of clients: this site, or one of several signaling servers.

    ``cluster`` tells that the servers are one cluster, so that the clients of one conversation may
    be on different ones. ``key`` is the private key that signs tokens for clients: a PEM text, the
    path of a file with one, or empty for the key in the database.
    """

    external: bool = False
    servers: tuple[SignalingServer, ...] = ()
    cluster: bool = False
    key: str = field(default="", repr=False)

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "Signaling":
        """Return what ``SIGNALING`` says."""
        given = {name.lower(): value for name, value in entry.items()}
        external = given.pop("backend", "internal") == "external"
        servers = tuple(SignalingServer.of(each) for each in given.pop("servers", ()))
        return cls(external, servers, **given)

    def server_for(self, token: str, *, kept: str = "") -> SignalingServer:
        """Return the server of a conversation.

        ``kept`` is the URL of the server that its running call is on; it counts while it is
        configured. Otherwise the server is chosen by rendezvous hashing of URL and token: where
        one is added or removed, only the conversations move that it has or had.
        """
        by_url = {server.url: server for server in self.servers}
        return by_url.get(kept) or max(self.servers, key=lambda each: _weight(each.url, token))

    def stored_server(self, token: str) -> str:
        """Return the URL that is stored with a call that starts in a conversation.

        It is empty where there is none to be kept: with internal signaling, and in a cluster.
        """
        return self.server_for(token).url if self.external and not self.cluster else ""


def _weight(url: str, token: str) -> bytes:
    return hashlib.sha256(f"{url} {token}".encode()).digest()


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """A receiver of webhooks, with the secrets that sign them: the newest first.

    ``events`` are types such as ``call.started`` or groups such as ``call.*``; all if it is empty.
    """

    name: str
    url: str
    secrets: tuple[str, ...] = field(repr=False)
    events: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "WebhookReceiver":
        """Return the receiver of an entry of ``WEBHOOKS``, whose secret may be a list of them."""
        given = {name.lower(): value for name, value in entry.items()}
        secret = given["secret"]
        secrets = (secret,) if isinstance(secret, str) else tuple(secret)
        return cls(given["name"], given["url"], secrets, tuple(given.get("events", ())))
