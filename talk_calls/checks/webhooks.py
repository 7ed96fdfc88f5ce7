"""Checks of the setting ``WEBHOOKS``; no message shows a secret."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core import checks

from talk_calls import webhook_values
from talk_calls.exceptions import InvalidValue, untranslated

_HINT = (
    "Write [{'name': 'Billing', 'url': 'https://billing.example/talk', 'secret': 'whsec_…', "
    "'events': ['call.*']}]; manage.py talk_webhook makes secrets."
)
_KEYS = {"name", "url", "secret", "events"}
_NEEDED = _KEYS - {"events"}


def check_webhooks(key: str, value: object) -> checks.CheckMessage | None:
    """Check a list of endpoints."""
    if not isinstance(value, (list, tuple)):
        return _error("is not a list of endpoints.")
    for place, entry in enumerate(value):
        if problem := _problem(entry):
            return _error(problem, f"[{place}]")
    names = [_lowered(entry)["name"] for entry in value]
    if len(set(names)) < len(names):
        return _error("has two endpoints of the same name.")
    return None


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
        webhook_values.target_of(url)
        webhook_values.check_event_types(events)
        for secret in _secrets(given["secret"]):
            webhook_values.check_secret(secret)
    except InvalidValue as error:
        return f"is wrong: {untranslated(error.message)}"
    return ""


def _secrets(secret: object) -> Sequence[object]:
    """Return the secrets of an entry: one, or the newest first."""
    return secret if isinstance(secret, (list, tuple)) and secret else [secret]


def _lowered(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name.lower(): value for name, value in entry.items()}


def _error(problem: str, place: str = "") -> checks.CheckMessage:
    return checks.Error(
        f"TALK_CALLS['WEBHOOKS']{place} {problem}", hint=_HINT, id="talk_calls.E003"
    )
