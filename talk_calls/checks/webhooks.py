"""Checks of the setting ``WEBHOOKS``; no message shows a secret."""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

from talk_calls import names, webhook_values
from talk_calls.conf import conf
from talk_calls.exceptions import InvalidValue, untranslated
from talk_calls.servers import WebhookReceiver

_HINT = (
    "Write [{'name': 'Billing', 'url': 'https://billing.example/talk', 'secret': 'whsec_…', "
    "'events': ['call.*']}]; manage.py talk_webhook makes secrets."
)
_KEYS = {"name", "url", "secret", "events"}
_NEEDED = _KEYS - {"events"}


def check_receivers(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that webhooks can be sent to the endpoints of the settings.

    ``talk_health`` checks those of the database, which may be away while this runs.
    """
    if not _receivers() or find_spec("standardwebhooks") is not None:
        return []
    return [
        checks.Error(
            "TALK_CALLS['WEBHOOKS'] needs the package standardwebhooks. Nothing is sent.",
            hint="pip install 'talk-calls[webhooks]'",
            id="talk_calls.E032",
        )
    ]


def check_encryption(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that nobody reads webhooks on their way; for ``check --deploy``."""
    plain = [each.name for each in _receivers() if not webhook_values.target_of(each.url).is_secure]
    if not plain:
        return []
    return [
        checks.Warning(
            f"Webhooks for {', '.join(map(repr, plain))} are sent without encryption.",
            hint="Write https:// in WEBHOOKS. A signature does not keep anybody from reading.",
            id="talk_calls.W011",
        )
    ]


def check_webhooks(key: str, value: object) -> checks.CheckMessage | None:
    """Check a list of endpoints."""
    if not isinstance(value, (list, tuple)):
        return _error("is not a list of endpoints.")
    for place, entry in enumerate(value):
        if problem := _problem(entry):
            return _error(problem, f"[{place}]")
    given = [_lowered(entry)["name"] for entry in value]
    if len(set(given)) < len(given):
        return _error("has two endpoints of the same name.")
    return None


def check_plain(values: Mapping[str, Any]) -> list[checks.CheckMessage]:
    """Check right settings for endpoints to which each request would be refused."""
    if values.get("WEBHOOK_PRIVATE_ADDRESSES"):
        return []
    receivers = [WebhookReceiver.of(entry) for entry in values.get("WEBHOOKS", ())]
    return [
        checks.Error(
            f"TALK_CALLS['WEBHOOKS'] has {each.name!r} with http://, to which nothing is sent.",
            hint="Write https://, or name its network in WEBHOOK_PRIVATE_ADDRESSES.",
            id="talk_calls.E003",
        )
        for each in receivers
        if not webhook_values.target_of(each.url).is_secure
    ]


def _receivers() -> list[WebhookReceiver]:
    """Return the endpoints of the settings; none if something is wrong there, which E003 says."""
    values = getattr(settings, "TALK_CALLS", {})
    given = values.get("WEBHOOKS", []) if isinstance(values, Mapping) else None
    return conf.webhooks if given and check_webhooks("WEBHOOKS", given) is None else []


def _problem(entry: object) -> str:
    """Return what is wrong with an entry; empty if nothing is."""
    if not isinstance(entry, Mapping) or not all(isinstance(name, str) for name in entry):
        return "is not a dict."
    given = _lowered(entry)
    if not given.keys() >= _NEEDED or given.keys() - _KEYS:
        return "needs name, url and secret, may have events, and has other keys."
    name, url, events = given["name"], given["url"], given.get("events", ())
    if not isinstance(name, str) or not name or not isinstance(url, str):
        return "has a name or a URL that is no text."
    if not isinstance(events, (list, tuple)):
        return "has events that are no list."
    try:
        stored = names.checked(name, most=webhook_values.NAME_MAX_LENGTH)
        webhook_values.target_of(url)
        webhook_values.check_event_types(events)
        for secret in _secrets(given["secret"]):
            webhook_values.check_secret(secret)
    except InvalidValue as error:
        return f"is wrong: {untranslated(error.message)}"
    return "" if stored == name else f"has a name with blanks or signs to leave out: {stored!r}."


def _secrets(secret: object) -> Sequence[object]:
    """Return the secrets of an entry: one, or the newest first."""
    return secret if isinstance(secret, (list, tuple)) and secret else [secret]


def _lowered(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in entry.items()}


def _error(problem: str, place: str = "") -> checks.CheckMessage:
    return checks.Error(
        f"TALK_CALLS['WEBHOOKS']{place} {problem}", hint=_HINT, id="talk_calls.E003"
    )
