"""Account passwords that were verified for a browser session, so that the slow hash runs once.

The Django session keeps a record of ours and nothing else: for the host it stays anonymous. The
record counts only beside the very same name and password, so a session without them opens nothing.
"""

import secrets

from django.conf import settings
from django.contrib.auth import get_user_model, load_backend
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ValidationError
from django.utils.crypto import salted_hmac

from talk_calls.host.actors import HostUser
from talk_calls.host.users import on_primary

_KEY = "talk_calls_basic"


def remember(browser: SessionBase, user: HostUser, username: str, password: str) -> None:
    """Record that name and password are those of ``user``, whom ``authenticate`` returned."""
    pk = user._meta.pk.value_to_string(user)
    backend = getattr(user, "backend", "")
    browser[_KEY] = [_fingerprint(username, password), backend, pk, _auth_hash(user)]


def find(browser: SessionBase, username: str, password: str) -> HostUser | None:
    """Return the user for whom this very name and password were verified, or None.

    As with Django's own logins, the record ends with a changed password (or whatever else the user
    model puts into ``get_session_auth_hash``), when its backend is not installed any more, and when
    that backend does not return the user any more.
    """
    record = browser.get(_KEY)
    if record is None or not secrets.compare_digest(record[0], _fingerprint(username, password)):
        return None
    _, backend, pk, auth_hash = record
    if backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = _user(backend, pk)
    if user is None or not secrets.compare_digest(_auth_hash(user), auth_hash):
        return None
    return user


def _user(backend: str, pk: str) -> HostUser | None:
    try:
        key = get_user_model()._meta.pk.to_python(pk)
    except ValidationError:
        return None  # the site changed its user model
    return on_primary(load_backend(backend).get_user(key))


def _auth_hash(user: HostUser) -> str:
    """Return what changes with the password; user models need not have it."""
    return str(getattr(user, "get_session_auth_hash", str)())


def _fingerprint(username: str, password: str) -> str:
    """Return a keyed hash: a stolen session store is worthless without ``SECRET_KEY``."""
    salt, message = "talk_calls.host.verified_passwords", f"{username}\0{password}"
    return salted_hmac(salt, message, algorithm="sha256").hexdigest()
