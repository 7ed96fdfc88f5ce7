"""Which session a browser session acts with in each conversation (talk-api.md 3.3).

The Django session holds a small map from conversation token to the primary key of a talk session
and its owner: what a browser remembers for one user or guest says nothing about another.
"""

from django.contrib.sessions.backends.base import SessionBase

from talk_calls.actors import Actor

_KEY = "talk_calls_sessions"

#: A browser forgets its oldest conversations, so that cookie-based session stores do not overflow.
_MOST = 50


def recall(browser: SessionBase, actor: Actor, token: str) -> int | None:
    """Return the primary key of the talk session remembered for ``actor``, or None."""
    session_pk, owner = browser.get(_KEY, {}).get(token, (None, None))
    return session_pk if owner == _owner(actor) else None


def recall_all(browser: SessionBase, actor: Actor) -> list[int]:
    """Return the primary keys of all talk sessions remembered for ``actor``."""
    owner = _owner(actor)
    return [pk for pk, known_owner in browser.get(_KEY, {}).values() if known_owner == owner]


def remember(browser: SessionBase, actor: Actor, token: str, session_pk: int) -> None:
    """Bind the browser session to a talk session; the conversation becomes the newest."""
    sessions = {**_without(browser, token), token: (session_pk, _owner(actor))}
    browser[_KEY] = dict(list(sessions.items())[-_MOST:])


def forget(browser: SessionBase, token: str) -> None:
    """Unbind the browser session in one conversation; writes nothing if it was not bound."""
    if token in browser.get(_KEY, {}):
        browser[_KEY] = _without(browser, token)


def _owner(actor: Actor) -> str:
    return str(actor.user.pk) if actor.user is not None else ""


def _without(browser: SessionBase, token: str) -> dict[str, tuple[int, str]]:
    return {known: bound for known, bound in browser.get(_KEY, {}).items() if known != token}
