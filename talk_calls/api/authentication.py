"""Who asks: credentials, else the Django session, else a guest (behaviour 2.7).

Credentials that a client sends win over the cookie it happens to carry, and wrong ones are refused
even where guests are welcome. None of them logs the Django session in.
"""

import base64
import binascii
from http import HTTPStatus
from typing import Any, NamedTuple

from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, AuthenticationFailed
from rest_framework.request import Request

from talk_calls.api.throttling import guesses
from talk_calls.conf import conf
from talk_calls.db.text import is_storable
from talk_calls.exceptions import ServerBusy
from talk_calls.host import browser_sessions, clock, verified_passwords
from talk_calls.host.actors import HostUser
from talk_calls.host.users import on_primary
from talk_calls.models.app_passwords import (
    AppPassword,
    find_app_password,
    looks_like_app_password,
)
from talk_calls.services import app_passwords

#: ``request.user`` and ``request.auth``: who asks, and the app password or whatever a class of the
#: site returns.
Login = tuple[HostUser | AnonymousUser, Any]


class AuthenticationBusy(APIException):
    """``ServerBusy`` for views that know no domain: 503, come again in a second."""

    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_detail = "Service Unavailable"
    wait = 1  # read by exception handlers, as that of Throttled


class SiteAuthentication(BaseAuthentication):
    """The one authentication of all endpoints; guests come out as nobody.

    It asks the classes of ``AUTHENTICATION`` in their order, and then the Django session. What
    looks like an app password is shown to ``TalkAuthentication`` only, wherever it stands: others
    would refuse a Bearer or Basic that is not theirs.
    """

    def authenticate(self, request: Request) -> Login:
        """Return the user, anonymous for a guest; raises ``AuthenticationFailed``."""
        browser_sessions.drop_impossible(request._request)
        sent = _Sent.by(request)
        for kind in conf.authentication_classes:
            is_ours = issubclass(kind, TalkAuthentication)
            if is_ours or not looks_like_app_password(sent.password):
                login = _checked(kind().authenticate(request))
                if login is not None:
                    return login
        if sent.claims_somebody:
            raise AuthenticationFailed
        user = on_primary(getattr(request._request, "user", None))
        return (user if user is not None and user.is_active else AnonymousUser()), None


class TalkAuthentication(BaseAuthentication):
    """App passwords in Basic and Bearer; with ``ACCOUNT_PASSWORDS``, those of accounts in Basic."""

    def authenticate(self, request: Request) -> Login | None:
        """Return the user and their app password, or None for credentials of another kind.

        Raises ``AuthenticationFailed`` for a wrong account password, ``Throttled`` after too many
        of them, and ``AuthenticationBusy``.
        """
        sent = _Sent.by(request)
        app_password = _app_password(sent)
        if app_password is not None:
            app_passwords.store_use(app_password, clock.now())
            return app_password.user, app_password
        if sent.scheme != "basic" or not sent.claims_somebody or not conf.account_passwords:
            return None
        return _by_account_password(request._request, sent.username, sent.password), None


class _Sent(NamedTuple):
    """What a request says in ``Authorization``; a Bearer token is a password without a name."""

    scheme: str = ""
    username: str = ""
    password: str = ""

    @classmethod
    def by(cls, request: Request) -> "_Sent":
        """Read the header; raises ``AuthenticationFailed`` for a Basic that nobody can read."""
        scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
        match scheme.lower():
            case "basic":
                return cls("basic", *_decode(credentials))
            case "bearer":
                return cls("bearer", "", credentials.strip())
        return cls()

    @property
    def claims_somebody(self) -> bool:
        """Tell whether the client believes to be somebody, and must not go on as a guest."""
        return self.scheme == "bearer" or bool(self.username or self.password)


def _decode(credentials: str) -> tuple[str, str]:
    """Return name and password as sent; no database keeps a NUL, so nobody is called so."""
    try:
        text = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise AuthenticationFailed from error
    username, separator, password = text.partition(":")
    if not separator or not is_storable(text):
        raise AuthenticationFailed
    return username, password


def _checked(login: tuple[Any, Any] | None) -> Login | None:
    """Return what a class found out, None for nobody; raises ``AuthenticationFailed``.

    Whoever it is has an account of this site that is not switched off. A class of the site may not
    have asked, may have asked a replica, and may return a user that is no row of the user model.
    """
    user = None if login is None else login[0]
    if login is None or user is None or not user.is_authenticated:
        return None
    user = on_primary(user)
    if user is None or not user.is_active:
        raise AuthenticationFailed
    return user, login[1]


def _app_password(sent: _Sent) -> AppPassword | None:
    """Return the app password that was sent; one query, and none for any other password."""
    if not looks_like_app_password(sent.password):
        return None
    app_password = find_app_password(sent.password)
    if app_password is None or not app_password.user.is_active:
        return None
    if sent.scheme == "basic" and sent.username not in _login_names(app_password.user):
        return None
    return app_password


def _login_names(user: HostUser) -> set[str | None]:
    """Return the names under which an app may send an app password.

    The user id is what the login flow returned to it; people who type the password into an app type
    the name by which they log in.
    """
    return {conf.directory.user_id(user), user.get_username()}


def _by_account_password(request: HttpRequest, username: str, password: str) -> HostUser:
    """Return the user of an account password: it is verified once for each browser session.

    Raises ``AuthenticationFailed``, ``Throttled`` after too many wrong ones, or
    ``AuthenticationBusy``. A revoked app password ends here too, as account passwords may look like
    one.
    """
    user = verified_passwords.find(request.session, username, password)
    if user is None:
        try:
            return _verify(request, username, password)
        except ServerBusy as busy:
            raise AuthenticationBusy from busy
    if not user.is_active or not conf.logins.accepts_password(user, request):
        raise AuthenticationFailed
    return user


def _verify(request: HttpRequest, username: str, password: str) -> HostUser:
    """Check an account password the slow way; the host's backends decide, then its ``LOGINS``."""
    credentials = {get_user_model().USERNAME_FIELD: username, "password": password}
    with guesses.guessing_account(request, username, password):
        found = authenticate(request, **credentials)
        user = on_primary(found)
        if found is None or user is None or not user.is_active:
            raise AuthenticationFailed
        if not conf.logins.accepts_password(user, request):
            raise AuthenticationFailed
    verified_passwords.remember(request.session, found, username, password)  # it has its backend
    return user
