"""How the host's logins work, as far as passwords and app passwords need it.

A site with rules of its own subclasses ``DjangoLogins`` and names its class in
``TALK_CALLS["LOGINS"]``.
"""

import time
from typing import Any

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.http import urlencode
from django.utils.module_loading import import_string

from talk_calls.conf import conf
from talk_calls.host.actors import HostUser

#: Where the Django session has the time of its last login or re-authentication, in Unix seconds.
_KEY = "talk_calls_logged_in_at"


class DjangoLogins:
    """The rules of ``django.contrib.auth``, and of django-allauth and django-otp if installed."""

    def accepts_password(self, user: HostUser, request: HttpRequest) -> bool:
        """Tell whether the password alone lets ``user`` in over HTTP Basic.

        It is right, and the backends of the site have accepted it. By default users are refused
        whom a login page would ask for more: those with a second factor, and those whose e-mail
        address django-allauth wants verified first.
        """
        return not has_second_factor(user) and not _has_to_verify_email(user)

    def is_fresh(self, request: HttpRequest) -> bool:
        """Tell whether the logged-in user has proved lately who they are: for an app password.

        By default the session's login, or re-authentication with django-allauth, is at most
        ``FRESH_LOGIN`` old, and was by a second factor if django-otp has one of the user.
        """
        if _lacks_otp(request.user):
            return False
        logged_in_at = request.session.get(_KEY)
        longest = conf.fresh_login.total_seconds()
        return not longest or (logged_in_at is not None and time.time() - logged_in_at < longest)

    def fresh_login_url(self, request: HttpRequest, next_path: str) -> str:
        """Return the page on which the user proves it again, and which leads on to ``next_path``.

        By default that is the page of django-allauth, or else one of ours that logs out first: a
        login page may redirect users who are logged in already.
        """
        page = _allauth_page(request) or reverse("talk_accounts:log-in-again")
        return f"{page}?{urlencode({'next': next_path})}"


def connect() -> None:
    """Connect the receivers; called once when the app is ready."""
    user_logged_in.connect(_on_login, dispatch_uid="talk_calls.on_login")
    if apps.is_installed("allauth.account"):
        signal = import_string("allauth.account.signals.authentication_step_completed")
        signal.connect(_on_allauth_step, dispatch_uid="talk_calls.on_allauth_step")


def has_second_factor(user: HostUser) -> bool:
    """Tell whether django-otp or django-allauth has a second factor of the user."""
    if _has_otp_device(user):
        return True
    if not apps.is_installed("allauth.mfa"):
        return False
    adapter = import_string("allauth.mfa.adapter.get_adapter")()
    return bool(adapter.is_mfa_enabled(user))


def _on_login(request: Any, user: HostUser, **kwargs: object) -> None:
    """Note the time of a login of the Django session.

    Some packages send this signal for tokens: their session is another's, or was not logged in now.
    """
    session = getattr(request, "session", None)
    if session is None or not session.modified:
        return
    if session.get(SESSION_KEY) == user._meta.pk.value_to_string(user):
        session[_KEY] = int(time.time())


def _on_allauth_step(request: HttpRequest, **kwargs: object) -> None:
    """Note the time of a re-authentication; other steps are parts of a login."""
    if kwargs.get("reauthenticated"):
        request.session[_KEY] = int(time.time())


def _has_otp_device(user: HostUser) -> bool:
    if not apps.is_installed("django_otp"):
        return False
    return bool(import_string("django_otp.user_has_device")(user))


def _lacks_otp(user: Any) -> bool:
    """Tell whether the user has a device of django-otp that this session was not verified with."""
    is_verified = getattr(user, "is_verified", None)  # of its middleware
    return _has_otp_device(user) and not (is_verified is not None and is_verified())


def _has_to_verify_email(user: HostUser) -> bool:
    """Tell whether django-allauth would not let the user in before an address is verified."""
    if not apps.is_installed("allauth.account"):
        return False
    if import_string("allauth.account.app_settings.EMAIL_VERIFICATION") != "mandatory":
        return False
    by_email = user.get_email_field_name() == user.USERNAME_FIELD
    address = user.get_username() if by_email else None  # any other of theirs will do
    return not import_string("allauth.account.utils.has_verified_email")(user, address)


def _allauth_page(request: HttpRequest) -> str | None:
    """Return the page on which the user can authenticate again with django-allauth, if any."""
    if not apps.is_installed("allauth.account"):
        return None
    adapter = import_string("allauth.account.adapter.get_adapter")(request)
    try:
        methods = adapter.get_reauthentication_methods(request.user)
    except NoReverseMatch:
        return None  # the site does not include its URLs
    return str(methods[0]["url"]) if methods else None
