"""The talk session with which a browser acts in each conversation (behaviour 3.3).

The Django session holds a small map from key to the primary key of a talk session and its owner.
The owner is part of it, so that what a browser stored for one user or guest counts for nobody
else. The key is the conversation's token, or the token and a window: the windows of the call page
name themselves, so that two windows of one browser can call each other.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest

from talk_calls.constants import BROWSER_LENGTH, WINDOW_LENGTH
from talk_calls.db.text import is_storable
from talk_calls.host.actors import Actor, HostUser

#: The header with which a window of the call page names itself.
WINDOW_HEADER = "X-Talk-Calls-Window"

#: Its value is random and known to no other window, like a cookie.
_WINDOW = re.compile("[A-Za-z0-9-]{22,64}")

_KEY = "talk_calls_sessions"

#: Where the browser session has the key of a guest's browser.
_GUEST_KEY = "talk_calls_guest"

#: Only the newest entries are kept, so that session stores in cookies do not overflow.
_MAX_ENTRIES = 50


def key_for(token: str, headers: Mapping[str, str]) -> str:
    """Return the key for a request: the token, with the window if the request names one."""
    window = headers.get(WINDOW_HEADER, "")
    return f"{token} {window}" if _WINDOW.fullmatch(window) else token


def window_of(token: str, headers: Mapping[str, str]) -> str:
    """Return a digest of a conversation and the window that a request names; empty without one.

    It is stored with the talk session, so that the window itself can be learned from no row.
    """
    key = key_for(token, headers)
    return "" if key == token else hashlib.sha256(key.encode()).hexdigest()[:WINDOW_LENGTH]


def get(browser: SessionBase, actor: Actor, key: str) -> int | None:
    """Return the primary key of the talk session stored for ``actor`` under ``key``, or None."""
    session_pk, owner = browser.get(_KEY, {}).get(key, (None, None))
    return session_pk if owner == _owner(actor) else None


def get_all(browser: SessionBase, actor: Actor) -> list[int]:
    """Return the primary keys of all talk sessions stored for ``actor``."""
    owner = _owner(actor)
    return [pk for pk, known_owner in browser.get(_KEY, {}).values() if known_owner == owner]


def store(browser: SessionBase, actor: Actor, key: str, session_pk: int) -> None:
    """Store the talk session of ``actor`` under ``key``, as the newest entry."""
    sessions = {**_without(browser, key), key: (session_pk, _owner(actor))}
    browser[_KEY] = dict(list(sessions.items())[-_MAX_ENTRIES:])


def delete(browser: SessionBase, key: str) -> None:
    """Delete the entry under ``key``; without one, the Django session is not written."""
    if key in browser.get(_KEY, {}):
        browser[_KEY] = _without(browser, key)


def forget_owner(browser: SessionBase, user: HostUser) -> bool:
    """Delete all entries of a user, and tell whether there were any."""
    entries = browser.get(_KEY, {})
    others = {key: entry for key, entry in entries.items() if entry[1] != str(user.pk)}
    if len(others) == len(entries):
        return False
    browser[_KEY] = others
    return True


def guest_key(browser: SessionBase) -> str:
    """Return the key by which a browser that came in as a guest is known; empty before that.

    It is random, and stays when the browser leaves a conversation, or is removed from one. A logout
    deletes it with everything else in the browser session.
    """
    return str(browser.get(_GUEST_KEY, ""))


def new_guest_key() -> str:
    """Return a key for a browser that has none; ``store_guest_key`` keeps it."""
    return secrets.token_urlsafe(16)


def store_guest_key(browser: SessionBase, key: str) -> None:
    """Store the key of a guest's browser; the Django session is written only for a new one."""
    if guest_key(browser) != key:
        browser[_GUEST_KEY] = key


def browser_of(token: str, key: str) -> str:
    """Return a digest of a conversation and a guest's browser; empty for an empty key.

    It differs between conversations, so that rows do not tell where else a guest is.
    """
    return hashlib.sha256(f"{token} {key}".encode()).hexdigest()[:BROWSER_LENGTH] if key else ""


def drop_impossible(request: HttpRequest) -> None:
    """Take a session key that a database cannot look up for none; it may stand in a cookie."""
    session = getattr(request, "session", None)
    if session is not None and not is_storable(session.session_key or ""):
        request.session = type(session)()


def _owner(actor: Actor) -> str:
    return str(actor.user.pk) if actor.user is not None else ""


def _without(browser: SessionBase, key: str) -> dict[str, tuple[int, str]]:
    return {known: entry for known, entry in browser.get(_KEY, {}).items() if known != key}
