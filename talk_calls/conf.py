"""Typed settings, read from ``settings.TALK_CALLS`` each time.

Nothing is cached, so ``override_settings`` simply works. ``checks.py`` tells a site about typing
errors; the properties here trust the values.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from talk_calls.constants import ConsentRule, Permission, StartCalls

DEFAULTS: Mapping[str, Any] = {
    "SESSION_TIMEOUT": 30,
    "SESSION_KILL": 100,
    "START_CALLS": StartCalls.EVERYONE.value,
    "RECORDING_CONSENT": ConsentRule.NO.value,
    "DEFAULT_PERMISSIONS": Permission.UNRESTRICTED,
    "CALL_PAGE": "/call/{token}",
    "STUN_SERVERS": [],
    "TURN_SERVERS": [],
    "WAKEUP": "",
    "DIRECTORY": "talk_calls.host.directory.DjangoDirectory",
    "CLOCK": "talk_calls.host.clock.database_now",
    "SERVER_VERSION": "29.0.0",
    "TALK_VERSION": "19.0.0",
}


@dataclass(frozen=True, slots=True)
class TurnServer:
    """A TURN server that knows a secret of ours.

    ``address`` is ``host:port``; ``schemes`` are "turn" and "turns", ``protocols`` "udp" and "tcp".
    """

    address: str
    secret: str
    schemes: tuple[str, ...] = ("turn",)
    protocols: tuple[str, ...] = ("udp", "tcp")

    def urls(self) -> list[str]:
        """Return the server's addresses as browsers take them."""
        return [
            f"{scheme}:{self.address}?transport={protocol}"
            for scheme in self.schemes
            for protocol in self.protocols
        ]

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "TurnServer":
        """Return the server that an entry of ``TURN_SERVERS`` describes."""
        given = {name.lower(): value for name, value in entry.items()}
        lists: dict[str, Any] = {
            name: tuple(given[name]) for name in ("schemes", "protocols") if name in given
        }
        return cls(**{**given, **lists})


class TalkCallsSettings:
    """``TALK_CALLS`` as attributes with types."""

    def _get(self, key: str) -> Any:
        return getattr(settings, "TALK_CALLS", {}).get(key, DEFAULTS[key])

    @property
    def session_timeout(self) -> timedelta:
        """How long a session counts after its last ping."""
        return timedelta(seconds=self._get("SESSION_TIMEOUT"))

    @property
    def session_kill(self) -> timedelta:
        """How long a session exists after its last ping."""
        return timedelta(seconds=self._get("SESSION_KILL"))

    @property
    def start_calls(self) -> StartCalls:
        """Who may start a call."""
        return StartCalls(self._get("START_CALLS"))

    @property
    def recording_consent(self) -> ConsentRule:
        """Who says whether joining a call takes the consent to be recorded."""
        return ConsentRule(self._get("RECORDING_CONSENT"))

    @property
    def default_permissions(self) -> int:
        """What attendees may do of whom nothing else is said, as a bit field."""
        return int(self._get("DEFAULT_PERMISSIONS"))

    @property
    def call_page(self) -> str:
        """Where people without an account come in, with ``{token}`` in it; empty for nowhere.

        A path is meant on the host by which the site was asked.
        """
        return str(self._get("CALL_PAGE"))

    @property
    def stun_servers(self) -> list[str]:
        """Servers that tell browsers their address, each as ``host:port``."""
        return list(self._get("STUN_SERVERS"))

    @property
    def turn_servers(self) -> list[TurnServer]:
        """Servers that relay media where nothing else gets through."""
        return [TurnServer.of(entry) for entry in self._get("TURN_SERVERS")]

    @property
    def wakeup(self) -> str:
        """The URL of what carries hints between processes; empty for nothing."""
        return str(self._get("WAKEUP"))

    @property
    def directory(self) -> Any:
        """A fresh instance of the class that knows the host's users and groups."""
        return import_string(self._get("DIRECTORY"))()

    @property
    def clock(self) -> Callable[[], datetime]:
        """What tells the time to all that compares or stores pings."""
        clock: Callable[[], datetime] = import_string(self._get("CLOCK"))
        return clock

    @property
    def server_version(self) -> str:
        """Which version of a Nextcloud server clients are told, since they insist on one."""
        return str(self._get("SERVER_VERSION"))

    @property
    def talk_version(self) -> str:
        """Which version of Talk clients are told."""
        return str(self._get("TALK_VERSION"))


conf = TalkCallsSettings()
