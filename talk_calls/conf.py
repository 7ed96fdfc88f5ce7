"""The settings of ``TALK_CALLS`` with defaults and types.

They are read each time, so ``override_settings`` works. ``talk_calls.checks`` reports wrong values;
the properties here trust them.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from talk_calls.constants import ConsentRule, Permission, StartCalls

DEFAULTS: Mapping[str, object] = {
    "SESSION_TIMEOUT": 30,
    "SESSION_KILL": 100,
    "START_CALLS": StartCalls.EVERYONE.value,
    "START_CALLS_GROUPS": [],
    "RECORDING_CONSENT": ConsentRule.NO.value,
    "DEFAULT_PERMISSIONS": Permission.UNRESTRICTED,
    "CALL_PAGE": "/call/{token}",
    "CALL_HOME": "",
    "FRAME_ANCESTORS": [],
    "STUN_SERVERS": [],
    "TURN_SERVERS": [],
    "SIGNALING": {"BACKEND": "internal"},
    "WAKEUP": "",
    "DIRECTORY": "talk_calls.host.directory.DjangoDirectory",
    "USER_ID": "",
    "POLICY": "talk_calls.host.policy.HostPolicy",
    "LOGINS": "talk_calls.host.logins.DjangoLogins",
    "AUTHENTICATION": ["talk_calls.api.authentication.TalkAuthentication"],
    "ACCOUNT_PASSWORDS": False,
    "FRESH_LOGIN": 900,
    "KEEP_LOGGED_IN": True,
    "GUESSES_PER_ADDRESS": 200,
    "PASSWORDS_AT_ONCE": 2,
    "MAX_BODY": 256 * 1024,
    "MAILBOX_MESSAGES": 2000,
    "MAILBOX_BYTES": 4 * 1024 * 1024,
    "MAX_PARTICIPANTS": 1000,
    "GUESTS_PER_MINUTE": 300,
    "CONVERSATIONS_PER_MINUTE": 60,
    "MAILS_PER_HOUR": {
        "conversation": 200,
        "user": 200,
        "address": 1000,
        "recipient": 20,
        "site": 5000,
    },
    "CLOCK": "talk_calls.host.clock.database_now",
    "SERVER_VERSION": "33.0.0",
    "TALK_VERSION": "23.0.2",
}


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


class TalkCallsSettings:
    """``TALK_CALLS`` as typed properties; docs/settings.md describes each."""

    def _get(self, key: str) -> Any:
        return getattr(settings, "TALK_CALLS", {}).get(key, DEFAULTS[key])

    @property
    def session_timeout(self) -> timedelta:
        """For how long after its last ping a session is in the call."""
        return timedelta(seconds=self._get("SESSION_TIMEOUT"))

    @property
    def session_kill(self) -> timedelta:
        """For how long after its last ping a session's row is kept."""
        return timedelta(seconds=self._get("SESSION_KILL"))

    @property
    def start_calls(self) -> StartCalls:
        """Who may start a call."""
        return StartCalls(self._get("START_CALLS"))

    @property
    def start_calls_groups(self) -> list[str]:
        """Names of the groups whose members may start calls; empty for everybody."""
        return list(self._get("START_CALLS_GROUPS"))

    @property
    def recording_consent(self) -> ConsentRule:
        """Whether joining a call needs the consent to be recorded."""
        return ConsentRule(self._get("RECORDING_CONSENT"))

    @property
    def default_permissions(self) -> int:
        """The permissions of attendees without permissions of their own, as a bit field."""
        return int(self._get("DEFAULT_PERMISSIONS"))

    @property
    def call_page(self) -> str:
        """The address of the call page, with ``{token}`` in it; empty if there is none.

        A path is relative to the host of the request.
        """
        return str(self._get("CALL_PAGE"))

    @property
    def call_home(self) -> str:
        """Where the call page leads: a URL name, path or address; empty for the site's root."""
        return str(self._get("CALL_HOME"))

    @property
    def frame_ancestors(self) -> list[str]:
        """Whose pages may show the call page in a frame, as sources of a CSP; none by default."""
        return list(self._get("FRAME_ANCESTORS"))

    @property
    def stun_servers(self) -> list[str]:
        """STUN servers, from which browsers learn their public address, each as ``host:port``."""
        return list(self._get("STUN_SERVERS"))

    @property
    def turn_servers(self) -> list[TurnServer]:
        """TURN servers, which relay media where no direct connection is possible."""
        return [TurnServer.of(entry) for entry in self._get("TURN_SERVERS")]

    @property
    def signaling(self) -> Signaling:
        """Who carries the messages of clients, and which signaling servers there are."""
        return Signaling.of(self._get("SIGNALING"))

    @property
    def wakeup(self) -> str:
        """The URL of the broker that carries hints between processes; empty for none."""
        return str(self._get("WAKEUP"))

    @property
    def directory(self) -> Any:
        """A new instance of the class that reads the host's users and groups."""
        return import_string(self._get("DIRECTORY"))()

    @property
    def user_id(self) -> str:
        """The field of the user model by which clients know users; empty for the default."""
        return str(self._get("USER_ID"))

    @property
    def policy(self) -> str:
        """The dotted path of the class that says what the site allows its people."""
        return str(self._get("POLICY"))

    @property
    def logins(self) -> Any:
        """A new instance of the class that knows the rules of the host's logins."""
        return import_string(self._get("LOGINS"))()

    @property
    def authentication_classes(self) -> list[type[Any]]:
        """The classes of Django REST framework that are asked who sends a request, in order."""
        return [import_string(path) for path in self._get("AUTHENTICATION")]

    @property
    def account_passwords(self) -> bool:
        """Whether HTTP Basic takes the passwords of accounts, beside app passwords."""
        return bool(self._get("ACCOUNT_PASSWORDS"))

    @property
    def fresh_login(self) -> timedelta:
        """How old a login may be with which a user makes an app password; zero for any age."""
        return timedelta(seconds=self._get("FRESH_LOGIN"))

    @property
    def keep_logged_in(self) -> bool:
        """Whether being in a call keeps a browser logged in."""
        return bool(self._get("KEEP_LOGGED_IN"))

    @property
    def guesses_per_address(self) -> int:
        """How many different wrong passwords one address may send in 15 minutes, for whatever."""
        return int(self._get("GUESSES_PER_ADDRESS"))

    @property
    def passwords_at_once(self) -> int:
        """How many passwords one process hashes at a time; as many more wait."""
        return int(self._get("PASSWORDS_AT_ONCE"))

    @property
    def max_body(self) -> int:
        """How many bytes the body of a request to the call API may have."""
        return int(self._get("MAX_BODY"))

    @property
    def mailbox_messages(self) -> int:
        """How many signaling messages may wait for one session."""
        return int(self._get("MAILBOX_MESSAGES"))

    @property
    def mailbox_bytes(self) -> int:
        """How many bytes of signaling messages may wait for one session."""
        return int(self._get("MAILBOX_BYTES"))

    @property
    def max_participants(self) -> int:
        """How many people may come to a conversation or be invited to it; 0 for any number."""
        return int(self._get("MAX_PARTICIPANTS"))

    @property
    def guests_per_minute(self) -> int:
        """How many new guests may come from one address in a minute; 0 for any number."""
        return int(self._get("GUESTS_PER_MINUTE"))

    @property
    def conversations_per_minute(self) -> int:
        """How many conversations a user may create in a minute; 0 for any number."""
        return int(self._get("CONVERSATIONS_PER_MINUTE"))

    @property
    def mails_per_hour(self) -> dict[str, int]:
        """How many invitations are mailed in an hour, by what they share; 0 for any number."""
        defaults: Any = DEFAULTS["MAILS_PER_HOUR"]
        return {**defaults, **self._get("MAILS_PER_HOUR")}

    @property
    def clock(self) -> Callable[[], datetime]:
        """The function that returns the time for storing and comparing pings."""
        clock: Callable[[], datetime] = import_string(self._get("CLOCK"))
        return clock

    @property
    def server_version(self) -> str:
        """The version of a Nextcloud server that clients see; they require one."""
        return str(self._get("SERVER_VERSION"))

    @property
    def talk_version(self) -> str:
        """The version of Talk that clients see."""
        return str(self._get("TALK_VERSION"))


conf = TalkCallsSettings()
