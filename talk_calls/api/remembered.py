"""Which session a browser session acts with in each conversation (behaviour 3.3).

The Django session holds a small map from place to the primary key of a talk session and its owner:
what a browser remembers for one user or guest says nothing about another. A place is a
conversation, or a window on one: the windows of our page say which they are, so that one may call
another.
"""

import re
from collections.abc import Mapping

from django.contrib.sessions.backends.base import SessionBase

from talk_calls.actors import Actor

#: The header by which a window tells itself from the others of its browser.
WINDOW_HEADER = "X-Talk-Calls-Window"

#: Its value is made up at random by the window and known to nobody else, like a cookie.
_WINDOW = re.compile("[A-Za-z0-9-]{22,64}")

_KEY = "talk_calls_sessions"

#: A browser forgets its oldest places, so that cookie-based session stores do not overflow.
_MOST = 50


def place_of(token: str, headers: Mapping[str, str]) -> str:
    """Return where a request acts: in a conversation, or in one of several windows on it."""
    window = headers.get(WINDOW_HEADER, "")
    return f"{token} {window}" if _WINDOW.fullmatch(window) else token


def recall(browser: SessionBase, actor: Actor, place: str) -> int | None:
    """Return the primary key of the talk session remembered for ``actor``, or None."""
    session_pk, owner = browser.get(_KEY, {}).get(place, (None, None))
    return session_pk if owner == _owner(actor) else None


def recall_all(browser: SessionBase, actor: Actor) -> list[int]:
    """Return the primary keys of all talk sessions remembered for ``actor``."""
    owner = _owner(actor)
    return [pk for pk, known_owner in browser.get(_KEY, {}).values() if known_owner == owner]


def remember(browser: SessionBase, actor: Actor, place: str, session_pk: int) -> None:
    """Bind the browser session to a talk session; the place becomes the newest."""
    sessions = {**_without(browser, place), place: (session_pk, _owner(actor))}
    browser[_KEY] = dict(list(sessions.items())[-_MOST:])


def forget(browser: SessionBase, place: str) -> None:
    """Unbind the browser session in one place; writes nothing if it was not bound."""
    if place in browser.get(_KEY, {}):
        browser[_KEY] = _without(browser, place)


def _owner(actor: Actor) -> str:
    return str(actor.user.pk) if actor.user is not None else ""


def _without(browser: SessionBase, place: str) -> dict[str, tuple[int, str]]:
    return {known: bound for known, bound in browser.get(_KEY, {}).items() if known != place}
