"""The settings of ``TALK_CALLS`` with defaults and types.

They are read each time, so ``override_settings`` works. ``talk_calls.checks`` reports wrong values;
the properties here trust them.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from talk_calls.constants import ConsentRule, Permission, StartCalls
from talk_calls.servers import Signaling, TurnServer, WebhookReceiver

DEFAULTS: Mapping[str, object] = {
    "SESSION_TIMEOUT": 30,
    "SESSION_KILL": 100,
    "START_CALLS": StartCalls.EVERYONE.value,
    "START_CALLS_GROUPS": [],
    "START_CONVERSATIONS": [],
    "FORCE_PASSWORDS": False,
    "DELETE_ONE_TO_ONES": False,
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
    "SEARCHES_PER_MINUTE": 120,
    "SEARCH_MIN_LENGTH": 0,
    "MAILS_PER_HOUR": {
        "conversation": 200,
        "user": 200,
        "address": 1000,
        "recipient": 20,
        "site": 5000,
    },
    "CLOCK": "talk_calls.host.clock.database_now",
    "METRICS": False,
    "METRICS_NETWORKS": [],
    "METRICS_TOKEN": "",
    "WEBHOOKS": [],
    "WEBHOOK_PRIVATE_ADDRESSES": [],
    "WEBHOOK_TIMEOUT": 10,
    "WEBHOOK_DAYS": 7,
    "SERVER_VERSION": "33.0.0",
    "TALK_VERSION": "23.0.2",
}


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
    def start_conversations(self) -> list[str]:
        """Names of the groups whose members may create group and public ones; empty for all."""
        return list(self._get("START_CONVERSATIONS"))

    @property
    def force_passwords(self) -> bool:
        """Whether people may only open a conversation to the public that has a password."""
        return bool(self._get("FORCE_PASSWORDS"))

    @property
    def delete_one_to_ones(self) -> bool:
        """Whether either user of a one-to-one may delete it for both."""
        return bool(self._get("DELETE_ONE_TO_ONES"))

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
    def searches_per_minute(self) -> int:
        """How many searches for people a user may make in a minute; 0 for any number."""
        return int(self._get("SEARCHES_PER_MINUTE"))

    @property
    def search_min_length(self) -> int:
        """How many characters find people and groups by a part of their names; 0 for none."""
        return int(self._get("SEARCH_MIN_LENGTH"))

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
    def metrics(self) -> bool:
        """Whether to measure; False where ``TALK_CALLS`` is wrong, as this is read before checks.

        Read when the process starts.
        """
        values = getattr(settings, "TALK_CALLS", {})
        return isinstance(values, Mapping) and values.get("METRICS", DEFAULTS["METRICS"]) is True

    @property
    def metrics_networks(self) -> list[IPv4Network | IPv6Network]:
        """The networks from which metrics may be read without a token; none by default."""
        return [ip_network(network) for network in self._get("METRICS_NETWORKS")]

    @property
    def metrics_token(self) -> str:
        """The token with which metrics may be read from anywhere; empty for none."""
        return str(self._get("METRICS_TOKEN"))

    @property
    def webhooks(self) -> list[WebhookReceiver]:
        """The endpoints of webhooks that the settings name, beside those of the database."""
        return [WebhookReceiver.of(entry) for entry in self._get("WEBHOOKS")]

    @property
    def webhook_private_addresses(self) -> list[IPv4Network | IPv6Network]:
        """The networks of its own to which the site sends webhooks; none by default."""
        return [ip_network(network) for network in self._get("WEBHOOK_PRIVATE_ADDRESSES")]

    @property
    def webhook_timeout(self) -> timedelta:
        """For how long a receiver of webhooks may take for one, from its name to its answer."""
        return timedelta(seconds=self._get("WEBHOOK_TIMEOUT"))

    @property
    def webhook_days(self) -> timedelta:
        """For how long events are kept after webhooks had them, so that they can be replayed."""
        return timedelta(days=self._get("WEBHOOK_DAYS"))

    @property
    def server_version(self) -> str:
        """The version of a Nextcloud server that clients see; they require one."""
        return str(self._get("SERVER_VERSION"))

    @property
    def talk_version(self) -> str:
        """The version of Talk that clients see."""
        return str(self._get("TALK_VERSION"))


conf = TalkCallsSettings()
