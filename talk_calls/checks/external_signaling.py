"""Checks of ``SIGNALING``: the backend, the servers, and what tokens for clients need.

No message has a secret in it, or the key.
"""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.core import checks

from talk_calls.conf import conf
from talk_calls.servers import Signaling

_BACKENDS = ("internal", "external")
_KEYS = {"BACKEND", "SERVERS", "CLUSTER", "KEY"}
_SERVER_KEYS = {"URL", "SECRET", "VERIFY"}
#: Characters of the shortest secret; the longest URL, which calls store.
_SHORTEST_SECRET = 16
_LONGEST_URL = 255

_EXAMPLE = (
    '{"BACKEND": "external", "SERVERS": [{"url": "https://hpb.example.org", "secret": "..."}]}'
)
_URL = re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?(/[^\s?#]*)?")


def check_signaling(key: str, value: object) -> checks.CheckMessage | None:
    """Check the whole setting; the first fault is reported."""
    fault = _fault(value)
    if not fault:
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] {fault}.",
        hint=f"Write {_EXAMPLE}; the default is {{'BACKEND': 'internal'}}.",
        id="talk_calls.E022",
    )


def check_external_signaling(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check what external signaling needs beside the setting; wrong ones are reported elsewhere."""
    try:
        signaling = conf.signaling
    except (AttributeError, KeyError, TypeError, ValueError):
        return []
    if not signaling.external:
        return []
    return [*_missing_packages(), *_plain_connections(signaling)]


def _missing_packages() -> Iterable[checks.CheckMessage]:
    packages = ("PyJWT", "jwt"), ("cryptography", "cryptography"), ("urllib3", "urllib3")
    for package, module in packages:
        if find_spec(module) is None:
            yield checks.Error(
                f"External signaling needs the package {package}.",
                hint="pip install 'talk-calls[hpb]'",
                id="talk_calls.E023",
            )


def _plain_connections(signaling: Signaling) -> Iterable[checks.CheckMessage]:
    for server in signaling.servers:
        if server.url.startswith("http:") and not _is_loopback(urlsplit(server.url).hostname or ""):
            yield checks.Warning(
                f"The signaling server {server.url} is reached without encryption.",
                hint=(
                    "Signed requests can be sent again by whoever sees them, and browsers refuse "
                    "it from a page of https. Use https outside of one machine."
                ),
                id="talk_calls.W009",
            )


def _fault(value: object) -> str:
    """Return what is wrong with the setting, as the end of a sentence; empty if nothing is."""
    given = _upper(value)
    if given is None:
        return "is no dict"
    if unknown := _unknown(given, _KEYS):
        return unknown
    if given.get("BACKEND", "internal") not in _BACKENDS:
        return f"has the BACKEND {given['BACKEND']!r}, which is neither of {_BACKENDS}"
    if not isinstance(given.get("CLUSTER", False), bool):
        return f"has the CLUSTER {given['CLUSTER']!r}, which is neither True nor False"
    if not isinstance(given.get("KEY", ""), str):
        return "has a KEY that is no text: a PEM, or the path of a file"
    return _servers_fault(given.get("SERVERS", ()), needed=given.get("BACKEND") == "external")


def _servers_fault(value: object, *, needed: bool) -> str:
    if not isinstance(value, list | tuple):
        return "has SERVERS that are no list"
    if needed and not value:
        return "is external and has no SERVERS"
    for number, entry in enumerate(value, start=1):
        if fault := _server_fault(entry):
            return f"has a wrong server ({number} of {len(value)}): it {fault}"
    urls = Counter(_upper(entry)["URL"].rstrip("/").lower() for entry in value)  # type: ignore[index]
    doubled = next((url for url, count in urls.items() if count > 1), "")
    return f"has the server {doubled} more than once" if doubled else ""


def _server_fault(entry: object) -> str:
    given = _upper(entry)
    if given is None:
        return "is no dict"
    if unknown := _unknown(given, _SERVER_KEYS):
        return unknown
    url = given.get("URL")
    if not isinstance(url, str) or not _URL.fullmatch(url) or len(url) > _LONGEST_URL:
        return f"has the url {url!r}, which is not of the form https://host:port/path"
    secret = given.get("SECRET")
    if not isinstance(secret, str) or len(secret) < _SHORTEST_SECRET:
        return f"has no secret of {_SHORTEST_SECRET} characters or more"
    verify = given.get("VERIFY", True)
    if not isinstance(verify, bool) and not (isinstance(verify, str) and Path(verify).is_file()):
        return f"has verify {verify!r}, which is neither True, False, nor a file of certificates"
    return ""


def _upper(value: object) -> dict[str, Any] | None:
    """Return a dict with its keys in upper case; both forms are accepted."""
    return (
        {str(key).upper(): each for key, each in value.items()}
        if isinstance(value, Mapping)
        else None
    )


def _unknown(given: Mapping[str, object], known: set[str]) -> str:
    unknown = sorted(set(given) - known)
    return f"has no key {unknown[0]!r} (known are {', '.join(sorted(known))})" if unknown else ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
