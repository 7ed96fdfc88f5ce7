"""Checks of the setting ``TALK_CALLS``: keys, values, and values that contradict each other."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from talk_calls.checks.external_signaling import check_signaling
from talk_calls.checks.logins import check_authentication
from talk_calls.checks.lookup import import_or_none
from talk_calls.checks.metrics import check_networks, check_token
from talk_calls.checks.policy import check_policy
from talk_calls.checks.signaling import check_stun_servers, check_turn_servers, check_wakeup
from talk_calls.checks.webhooks import check_plain, check_webhooks
from talk_calls.conf import DEFAULTS
from talk_calls.constants import ConsentRule, Permission, StartCalls
from talk_calls.host import user_model
from talk_calls.host.directory import DjangoDirectory
from talk_calls.host.home_page import find_home_page
from talk_calls.host.logins import DjangoLogins

#: A source of ``frame-ancestors`` (CSP level 3) that names a site: "*" and bare schemes do not.
_FRAME_ANCESTOR = re.compile(
    r"'self'|https?://(\*\.)?([A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(:([0-9]{1,5}|\*))?"
)
#: A hundred years; days before the year 1 cannot be computed.
_MOST_DAYS = 36_500

#: Below ``TimeoutStopSec`` of ``deploy/systemd/talk-deliver.service``.
_MOST_WEBHOOK_SECONDS = 25

#: Methods that a directory may lack: others are used, or nobody is found by a part of a name.
_OPTIONAL = {
    "users_for",
    "search",
    "find_users_by_id",
    "group_id",
    "groups_for",
    "search_groups",
}


def check_settings(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check the keys and the values; then, if all are right, whether they contradict each other."""
    values = getattr(settings, "TALK_CALLS", {})
    if not isinstance(values, Mapping):
        hint = 'Write TALK_CALLS = {"SESSION_TIMEOUT": 30} or leave it out.'
        return [checks.Error("TALK_CALLS is not a dict.", hint=hint, id="talk_calls.E001")]
    unknown = [_unknown_key(key) for key in values if key not in DEFAULTS]
    wrong = list(_wrong_values(values))
    return [*unknown, *wrong, *([] if wrong else _contradictions(values))]


def _unknown_key(key: object) -> checks.CheckMessage:
    close = difflib.get_close_matches(str(key).upper(), DEFAULTS, n=1)
    hint = f"Did you mean {close[0]!r}?" if close else f"Known keys: {', '.join(DEFAULTS)}."
    return checks.Error(f"TALK_CALLS has no key {key!r}.", hint=hint, id="talk_calls.E002")


def _wrong_values(values: Mapping[str, object]) -> Iterable[checks.CheckMessage]:
    for key, check in _VALUE_CHECKS.items():
        if key in values and (problem := check(key, values[key])):
            yield problem


def _check_seconds(key: str, value: object) -> checks.CheckMessage | None:
    return _check_number(key, value, "a positive number of whole seconds")


def _check_webhook_timeout(key: str, value: object) -> checks.CheckMessage | None:
    """Check seconds for which ``talk_deliver`` may run on when it is stopped."""
    if _is_whole_number(value) and 1 <= value <= _MOST_WEBHOOK_SECONDS:
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not whole seconds from 1 to {_MOST_WEBHOOK_SECONDS}.",
        hint=f"The default is {DEFAULTS[key]}.",
        id="talk_calls.E003",
    )


def _check_days(key: str, value: object) -> checks.CheckMessage | None:
    return _check_number(key, value, "a positive number of whole days")


def _check_number(
    key: str, value: object, kind: str, *, least: int = 1, more: str = ""
) -> checks.CheckMessage | None:
    """Check that the value is a whole number of at least ``least``; ``kind`` says so in words."""
    if _is_whole_number(value) and value >= least:
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not {kind}.",
        hint=f"The default is {DEFAULTS[key]}{more}.",
        id="talk_calls.E003",
    )


def _check_history_days(key: str, value: object) -> checks.CheckMessage | None:
    """Check a number of days, which is none for ever: 0 looks like that and would delete all."""
    if value is None or (_is_whole_number(value) and 1 <= value <= _MOST_DAYS):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not a number of days from 1 to {_MOST_DAYS}.",
        hint="None keeps history for ever.",
        id="talk_calls.E003",
    )


def _check_start_calls(key: str, value: object) -> checks.CheckMessage | None:
    return _check_choice(key, value, StartCalls.values)


def _check_choice(key: str, value: object, choices: Sequence[str]) -> checks.CheckMessage | None:
    if value in choices:
        return None
    close = difflib.get_close_matches(str(value), choices, n=1)
    guess = f"Did you mean {close[0]!r}? " if close else ""
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}.",
        hint=f"{guess}Choose one of {', '.join(map(repr, choices))}.",
        id="talk_calls.E003",
    )


def _check_groups(key: str, value: object) -> checks.CheckMessage | None:
    """Check a list of names; which groups there are is no matter of the settings."""
    if isinstance(value, (list, tuple)) and all(isinstance(name, str) and name for name in value):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not a list of names of groups.",
        hint="Write ['Staff', 'Teachers'], or [] for everybody.",
        id="talk_calls.E003",
    )


def _check_consent(key: str, value: object) -> checks.CheckMessage | None:
    return _check_choice(key, value, ConsentRule.values)


def _check_permissions(key: str, value: object) -> checks.CheckMessage | None:
    if _is_whole_number(value) and 0 < value <= Permission.MAX_CUSTOM:
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not a sum of permissions.",
        hint=f"Add up bits of talk_calls.constants.Permission; the default is {DEFAULTS[key]}.",
        id="talk_calls.E003",
    )


def _check_call_page(key: str, value: object) -> checks.CheckMessage | None:
    if value == "":
        return None
    if isinstance(value, str) and re.match(r"/|https?://", value) and "{token}" in value:
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not an address with {{token}} in it.",
        hint=f"The default is {DEFAULTS[key]!r}; '' mails no invitations.",
        id="talk_calls.E003",
    )


def _check_call_home(key: str, value: object) -> checks.CheckMessage | None:
    if value == "" or (isinstance(value, str) and find_home_page(value) is not None):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, which leads nowhere.",
        hint="Name a URL of the site, or write a path such as '/calls/' or an https:// address.",
        id="talk_calls.E003",
    )


def _check_frame_ancestors(key: str, value: object) -> checks.CheckMessage | None:
    """Check a list of origins; a header is made of them, and anybody's page would be too many."""
    if isinstance(value, (list, tuple)) and all(_is_frame_ancestor(each) for each in value):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not a list of sites that may show the call page.",
        hint=(
            "Write [\"'self'\", 'https://app.example.org', 'https://*.example.org']: "
            "'self' in quotes of its own, others with their scheme and without a path."
        ),
        id="talk_calls.E030",
    )


def _is_frame_ancestor(value: object) -> bool:
    return isinstance(value, str) and bool(_FRAME_ANCESTOR.fullmatch(value))


def _check_directory(key: str, value: object) -> checks.CheckMessage | None:
    return _check_hooks(key, value, DjangoDirectory)


def _check_logins(key: str, value: object) -> checks.CheckMessage | None:
    return _check_hooks(key, value, DjangoLogins)


def _check_hooks(key: str, value: object, default: type) -> checks.CheckMessage | None:
    """Check that the value names a class with all the methods of ``default``."""
    hooks = import_or_none(value)
    public = [name for name in vars(default) if not name.startswith("_")]
    wanted = [name for name in public if name not in _OPTIONAL]
    missing = [name for name in wanted if not callable(getattr(hooks, name, None))]
    if not missing:
        return None
    fault = f"lacks {', '.join(missing)}" if hooks else "cannot be imported"
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, which {fault}.",
        hint=f"Name a subclass of {default.__module__}.{default.__name__} by its dotted path.",
        id="talk_calls.E005",
    )


def _check_switch(key: str, value: object) -> checks.CheckMessage | None:
    if isinstance(value, bool):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, and neither True nor False.",
        hint=f"The default is {DEFAULTS[key]}.",
        id="talk_calls.E003",
    )


def _check_age(key: str, value: object) -> checks.CheckMessage | None:
    return _check_number(key, value, "a number of whole seconds", least=0, more="; 0 is any age")


def _check_bound(key: str, value: object) -> checks.CheckMessage | None:
    return _check_number(key, value, "a positive whole number")


def _check_limit(key: str, value: object) -> checks.CheckMessage | None:
    return _check_number(key, value, "a whole number", least=0, more="; 0 is no limit")


def _check_length(key: str, value: object) -> checks.CheckMessage | None:
    return _check_number(
        key, value, "a whole number", least=0, more="; 0 finds people without a term"
    )


def _check_mails(key: str, value: object) -> checks.CheckMessage | None:
    """Check a dict of limits by what the mails have in common; those left out have defaults."""
    default: Any = DEFAULTS[key]
    if (
        isinstance(value, Mapping)
        and set(value) <= set(default)
        and all(_is_whole_number(each) and each >= 0 for each in value.values())
    ):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not a dict of whole numbers.",
        hint=f"Its keys are {', '.join(map(repr, default))}; 0 is no limit.",
        id="talk_calls.E003",
    )


def _check_clock(key: str, value: object) -> checks.CheckMessage | None:
    if callable(import_or_none(value)):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, which is no function.",
        hint=f"Name a function that returns the time; the default is {DEFAULTS[key]!r}.",
        id="talk_calls.E005",
    )


def _check_version(key: str, value: object) -> checks.CheckMessage | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", value):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not three numbers with dots between them.",
        hint=f"The default is {DEFAULTS[key]!r}.",
        id="talk_calls.E003",
    )


def _check_user_id(key: str, value: object) -> checks.CheckMessage | None:
    if value == "":
        return None
    fault = user_model.user_id_fault(value) if isinstance(value, str) else "is no field"
    if not fault:
        return None
    choices = ", ".join(map(repr, user_model.user_id_choices()))
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, which {fault}.",
        hint=(
            f"Every participant sees it, and it names one account for ever. Choose one of "
            f"{choices}, or leave it out for {user_model.default_user_id_field()!r}."
        ),
        id="talk_calls.E011",
    )


def _is_whole_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


_VALUE_CHECKS: Mapping[str, Callable[[str, object], checks.CheckMessage | None]] = {
    "SESSION_TIMEOUT": _check_seconds,
    "SESSION_KILL": _check_seconds,
    "HISTORY_DAYS": _check_history_days,
    "START_CALLS": _check_start_calls,
    "START_CALLS_GROUPS": _check_groups,
    "START_CONVERSATIONS": _check_groups,
    "FORCE_PASSWORDS": _check_switch,
    "DELETE_ONE_TO_ONES": _check_switch,
    "RECORDING_CONSENT": _check_consent,
    "DEFAULT_PERMISSIONS": _check_permissions,
    "CALL_PAGE": _check_call_page,
    "CALL_HOME": _check_call_home,
    "FRAME_ANCESTORS": _check_frame_ancestors,
    "STUN_SERVERS": check_stun_servers,
    "TURN_SERVERS": check_turn_servers,
    "SIGNALING": check_signaling,
    "WAKEUP": check_wakeup,
    "DIRECTORY": _check_directory,
    "USER_ID": _check_user_id,
    "POLICY": check_policy,
    "LOGINS": _check_logins,
    "AUTHENTICATION": check_authentication,
    "ACCOUNT_PASSWORDS": _check_switch,
    "FRESH_LOGIN": _check_age,
    "KEEP_LOGGED_IN": _check_switch,
    "GUESSES_PER_ADDRESS": _check_bound,
    "PASSWORDS_AT_ONCE": _check_bound,
    "MAX_BODY": _check_bound,
    "MAILBOX_MESSAGES": _check_bound,
    "MAILBOX_BYTES": _check_bound,
    "MAX_PARTICIPANTS": _check_limit,
    "GUESTS_PER_MINUTE": _check_limit,
    "CONVERSATIONS_PER_MINUTE": _check_limit,
    "SEARCHES_PER_MINUTE": _check_limit,
    "SEARCH_MIN_LENGTH": _check_length,
    "MAILS_PER_HOUR": _check_mails,
    "CLOCK": _check_clock,
    "METRICS": _check_switch,
    "METRICS_NETWORKS": check_networks,
    "METRICS_TOKEN": check_token,
    "WEBHOOKS": check_webhooks,
    "WEBHOOK_PRIVATE_ADDRESSES": check_networks,
    "WEBHOOK_TIMEOUT": _check_webhook_timeout,
    "WEBHOOK_DAYS": _check_days,
    "SERVER_VERSION": _check_version,
    "TALK_VERSION": _check_version,
}


def _contradictions(values: Mapping[str, Any]) -> list[checks.CheckMessage]:
    plain = check_plain(values)
    timeout, kill = ({**DEFAULTS, **values}[key] for key in ("SESSION_TIMEOUT", "SESSION_KILL"))
    if kill > timeout:
        return plain
    return [
        *plain,
        checks.Error(
            f"TALK_CALLS sweeps sessions away after {kill} s, before they time out ({timeout} s).",
            hint="Make SESSION_KILL larger than SESSION_TIMEOUT; Talk uses 100 and 30.",
            id="talk_calls.E004",
        ),
    ]
