"""Checks of the signaling keys of ``TALK_CALLS``."""

import re
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from typing import TypeGuard

from django.core import checks

from talk_calls.db import transactions

#: ``host:port``; a host may be a name, an IPv4 address, or an IPv6 address in brackets.
_ADDRESS = re.compile(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")

_TURN_EXAMPLE = '{"ADDRESS": "turn.example.org:3478", "SECRET": "..."}'
_CHOICES = {"SCHEMES": ("turn", "turns"), "PROTOCOLS": ("udp", "tcp")}

#: The schemes of ``WAKEUP``: the package that each needs, and the extra that installs it.
_CHANNELS = {
    **dict.fromkeys(("redis", "rediss", "valkey", "valkeys"), ("redis", "redis")),
    **dict.fromkeys(("postgres", "postgresql"), ("psycopg", "postgres")),
}


def check_stun_servers(key: str, value: object) -> checks.CheckMessage | None:
    """Check that the value is a list of ``host:port``."""
    if _is_list(value) and all(_is_address(each) for each in value):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, not a list of addresses.",
        hint='Write ["stun.example.org:3478"], with ports and without "stun:".',
        id="talk_calls.E003",
    )


def check_turn_servers(key: str, value: object) -> checks.CheckMessage | None:
    """Check a list of TURN servers; the message leaves out their secrets."""
    if _is_list(value) and all(_is_turn_server(each) for each in value):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is not a list of servers with ADDRESS and SECRET.",
        hint=(
            f"Write [{_TURN_EXAMPLE}]. SCHEMES (of {_CHOICES['SCHEMES']}) and PROTOCOLS "
            f"(of {_CHOICES['PROTOCOLS']}) may be lists of their own."
        ),
        id="talk_calls.E003",
    )


def check_wakeup(key: str, value: object) -> checks.CheckMessage | None:
    """Check the URL and what it needs; messages leave it out, as it may contain a password."""
    if value == "":
        return None
    scheme, separator, _ = value.partition("://") if isinstance(value, str) else ("", "", "")
    if scheme not in _CHANNELS or not (separator or scheme == "postgresql"):
        return checks.Error(
            f"TALK_CALLS[{key!r}] is no URL of a Redis or PostgreSQL server.",
            hint="Write 'redis://host:6379', 'postgresql' (the site's own) or 'postgres://host/db'.",
            id="talk_calls.E003",
        )
    package, extra = _CHANNELS[scheme]
    if find_spec(package) is None:
        return checks.Error(
            f"TALK_CALLS[{key!r}] needs the package {package}.",
            hint=f"pip install 'talk-calls[{extra}]'",
            id="talk_calls.E007",
        )
    if not separator and transactions.connection().vendor != "postgresql":
        return checks.Error(
            f"TALK_CALLS[{key!r}] is 'postgresql', and the app's database is another one.",
            hint="Say which: 'postgres://host/db'.",
            id="talk_calls.E007",
        )
    return None


def _is_list(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)


def _is_address(value: object) -> bool:
    return isinstance(value, str) and bool(_ADDRESS.fullmatch(value))


def _is_turn_server(entry: object) -> bool:
    if not isinstance(entry, Mapping) or not set(entry) <= {"ADDRESS", "SECRET", *_CHOICES}:
        return False
    secret = entry.get("SECRET")
    if not isinstance(secret, str) or not secret or not _is_address(entry.get("ADDRESS")):
        return False
    return all(
        entry[name] and _is_list(entry[name]) and set(entry[name]) <= set(known)
        for name, known in _CHOICES.items()
        if name in entry
    )
