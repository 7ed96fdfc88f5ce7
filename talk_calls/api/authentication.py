"""Who asks: Basic or Bearer credentials, else the Django session, else a guest (behaviour 2.7).

Credentials that a client sends win over the cookie it happens to carry, and wrong ones are refused
even where guests are welcome.
"""

import base64
import binascii
import secrets

from django.contrib.auth import authenticate, get_user_model, login
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from talk_calls.api import throttling
from talk_calls.conf import conf
from talk_calls.host.actors import HostUser
from talk_calls.models.app_passwords import (
    AppPassword,
    find_app_password,
    looks_like_app_password,
)

#: Who asks, and by which app password, if it is by one: ``request.user`` and ``request.auth``.
Login = tuple[HostUser | AnonymousUser, AppPassword | None]

#: A colon between no name and no password: some clients always send Basic, also for nobody.
_NOBODY = "Og=="

#: Where the Django session notes which Basic credentials were verified for it.
_FINGERPRINT_KEY = "talk_calls_basic"


class TalkAuthentication(BaseAuthentication):
    """The one authentication of all endpoints; guests come out as nobody."""

    def authenticate(self, request: Request) -> Login:
        """Return the user, anonymous for a guest; raises ``AuthenticationFailed``."""
        _drop_impossible_session(request._request)
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        match scheme.lower():
            case "basic" if credentials.strip() != _NOBODY:
                return _basic(request._request, credentials)
            case "bearer":
                return _bearer(credentials)
        user = getattr(request._request, "user", None)
        return (user if user is not None and user.is_active else AnonymousUser()), None


def _drop_impossible_session(request: HttpRequest) -> None:
    """Take a session key with a NUL for none: PostgreSQL would refuse to look it up."""
    if "\0" in (request.session.session_key or ""):
        request.session = type(request.session)()


def _bearer(token: str) -> Login:
    app_password = _app_password(token.strip())
    if app_password is None:
        raise AuthenticationFailed
    return app_password.user, app_password


def _basic(request: HttpRequest, credentials: str) -> Login:
    username, password = _decode(credentials)
    app_password = _app_password(password)
    if app_password and username in _login_names(app_password.user):
        return app_password.user, app_password
    user = _verified_before(request, username, password) or _verify(request, username, password)
    return user, None


def _login_names(user: HostUser) -> set[str | None]:
    """Return the names under which an app may send an app password.

    The user id is what the login flow returned to it; people who type the password into an app type
    the name by which they log in.
    """
    return {conf.directory.user_id(user), user.get_username()}


def _decode(credentials: str) -> tuple[str, str]:
    """Return name and password as sent; no database keeps a NUL, so nobody is called so."""
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise AuthenticationFailed from error
    username, separator, password = text.partition(":")
    if not separator or "\0" in text:
        raise AuthenticationFailed
    return username, password


def _app_password(password: str) -> AppPassword | None:
    """Return an active user's app password; one query, and none for any other password."""
    if not looks_like_app_password(password):
        return None
    app_password = find_app_password(password)
    return app_password if app_password and app_password.user.is_active else None


def _verified_before(request: HttpRequest, username: str, password: str) -> HostUser | None:
    """Return the session's user if the very same credentials opened it.

    This spares a client with a cookie jar the slow hash. The session alone would let it in anyway;
    comparing makes sure that a wrong password beside a good cookie is still refused.
    """
    known = request.session.get(_FINGERPRINT_KEY)
    if known is None or not secrets.compare_digest(known, _fingerprint(username, password)):
        return None
    user = request.user
    return user if user.is_active else None


def _verify(request: HttpRequest, username: str, password: str) -> HostUser:
    """Check an account password the slow way, and let the session cookie carry the login.

    Raises ``Throttled`` after too many wrong ones. A revoked app password ends here too, as account
    passwords may look like one.
    """
    credentials = {get_user_model().USERNAME_FIELD: username, "password": password}
    with throttling.guessing_account(request, username, password):
        user = authenticate(request, **credentials)
        if user is None or not user.is_active:
            raise AuthenticationFailed
    login(request, user)
    request.session[_FINGERPRINT_KEY] = _fingerprint(username, password)
    return user


def _fingerprint(username: str, password: str) -> str:
    """Return a keyed hash: a stolen session store is worthless without ``SECRET_KEY``."""
    message = f"{username}\0{password}"
    return salted_hmac("talk_calls.api.authentication", message, algorithm="sha256").hexdigest()
