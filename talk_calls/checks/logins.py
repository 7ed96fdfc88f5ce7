"""Checks of how people log in: the classes that are asked, and passwords over HTTP Basic."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.contrib.auth.views import LoginView
from django.core import checks
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, resolve
from django.utils.module_loading import import_string
from rest_framework.authentication import BaseAuthentication

from talk_calls.checks.lookup import import_or_none, is_subclass
from talk_calls.conf import DEFAULTS, conf

#: Apps with which a password alone logs nobody in, or that log in without any of this site.
_MORE_THAN_A_PASSWORD = (
    "allauth.mfa",
    "django_otp",
    "two_factor",
    "mfa",
    "django_mfa2",
    "deux",
    "trench",
    "social_django",
    "mozilla_django_oidc",
    "oauth2_authcodeflow",
    "django_auth_adfs",
    "djangosaml2",
    "django_saml2_auth",
    "django_cas_ng",
)


#: The apps of django-allauth for logins by way of another site.
_PROVIDERS = "allauth.socialaccount.providers."


def check_authentication(key: str, value: object) -> checks.CheckMessage | None:
    """Check that the value lists authentication classes, and that of app passwords among them."""
    [ours] = [import_string(path) for path in DEFAULTS["AUTHENTICATION"]]  # type: ignore[attr-defined]
    paths = value if isinstance(value, Iterable) and not isinstance(value, str) else None
    classes = [import_or_none(path) for path in paths or ()]
    if paths is None or not all(is_subclass(each, BaseAuthentication) for each in classes):
        return checks.Error(
            f"TALK_CALLS[{key!r}] is {value!r}, not a list of authentication classes.",
            hint="Name subclasses of rest_framework.authentication.BaseAuthentication by path.",
            id="talk_calls.E010",
        )
    if any(is_subclass(each, ours) for each in classes):
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] has no class for app passwords.",
        hint=f"Add {ours.__module__}.{ours.__name__}: Talk's apps log in with nothing else.",
        id="talk_calls.E010",
    )


def check_account_passwords(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that HTTP Basic does not let in whom the site's login page would ask for more."""
    values: Any = getattr(settings, "TALK_CALLS", {})
    if not isinstance(values, dict) or not conf.account_passwords:
        return []
    more = [
        config.name
        for config in apps.get_app_configs()
        if config.name in _MORE_THAN_A_PASSWORD or config.name.startswith(_PROVIDERS)
    ]
    reason = f"{', '.join(more)} in INSTALLED_APPS" if more else _own_login_page()
    if not reason:
        return []
    return [
        checks.Warning(
            f"TALK_CALLS['ACCOUNT_PASSWORDS'] is on beside {reason}.",
            hint=(
                "HTTP Basic asks for nothing but the password: switch it off, as apps log in by "
                "your login page, or have accepts_password of LOGINS refuse whom you ask for more."
            ),
            id="talk_calls.W003",
        )
    ]


def _own_login_page() -> str:
    """Return in words what ``LOGIN_URL`` is if it is not Django's login page, else empty text."""
    try:
        view: Any = resolve(resolve_url(settings.LOGIN_URL)).func
    except NoReverseMatch:
        return ""
    except Resolver404:
        outside = str(settings.LOGIN_URL).startswith(("http:", "https:", "//"))
        return "a login page of another site (LOGIN_URL)" if outside else ""
    view = getattr(view, "view_class", view)
    if is_subclass(view, LoginView) or view.__module__.startswith("django.contrib.admin"):
        return ""
    return f"the login page {view.__module__}.{view.__name__} (LOGIN_URL)"
