"""Checks of what ``METRICS`` needs, and of who may read metrics; nothing of them is imported."""

import ipaddress
import os
from collections.abc import Sequence
from importlib.util import find_spec

from django.apps import AppConfig
from django.core import checks

from talk_calls.checks import urls
from talk_calls.conf import DEFAULTS, conf

#: Characters that a token has at least; `secrets.token_urlsafe()` makes 43.
_SHORTEST_TOKEN = 32


def setup_fault() -> tuple[str, str] | None:
    """Return why nothing can be measured here, and what to do about it; None if that is not so."""
    if find_spec("prometheus_client") is None:
        return "needs the package prometheus-client.", "pip install 'talk-calls[metrics]'"
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if directory is not None and not (os.path.isdir(directory) and os.access(directory, os.W_OK)):
        problem = "cannot write into PROMETHEUS_MULTIPROC_DIR."
        return problem, "Make that directory, empty, before the site starts; or unset it."
    return None


def check_metrics(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that metrics can be measured, and that somebody may read the page if it is included."""
    if not conf.metrics:
        return []
    if fault := setup_fault():
        problem, hint = fault
        message = f'TALK_CALLS["METRICS"] {problem} Nothing is measured.'
        return [checks.Error(message, hint=hint, id="talk_calls.E031")]
    if urls.METRICS.is_included() and not (conf.metrics_token or conf.metrics_networks):
        return [_is_closed()]
    return []


def check_networks(key: str, value: object) -> checks.CheckMessage | None:
    """Check a list of networks."""
    if isinstance(value, (list, tuple)) and all(_is_network(each) for each in value):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not a list of networks.",
        hint="Write ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'].",
        id="talk_calls.E003",
    )


def check_token(key: str, value: object) -> checks.CheckMessage | None:
    """Check a token that nobody guesses; the value is not shown, as it may be a secret."""
    is_long = isinstance(value, str) and len(value) >= _SHORTEST_TOKEN
    if value == DEFAULTS[key] or (is_long and str(value).isascii() and " " not in str(value)):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is no token of {_SHORTEST_TOKEN} characters or more.",
        hint="Take what this prints: python -c 'import secrets; print(secrets.token_urlsafe())'",
        id="talk_calls.E003",
    )


def _is_network(value: object) -> bool:
    try:
        ipaddress.ip_network(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def _is_closed() -> checks.CheckMessage:
    return checks.Warning(
        "talk_calls.metrics.urls is included, and nobody may read metrics.",
        hint="Set METRICS_TOKEN, or METRICS_NETWORKS to where Prometheus asks from.",
        id="talk_calls.W010",
    )
