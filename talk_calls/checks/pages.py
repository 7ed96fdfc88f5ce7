"""Checks of what the included pages need: templates, static files and a login page."""

from collections.abc import Sequence

from django.apps import AppConfig, apps
from django.conf import settings
from django.core import checks
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from talk_calls.checks.urls import ACCOUNTS, CALL_PAGE, Include
from talk_calls.host.login_page import login_page

#: A template of each include.
_TEMPLATES = {
    ACCOUNTS: "talk_calls/accounts/consent.html",
    CALL_PAGE: "talk_calls/call/page.html",
}


def check_templates(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that Django finds the templates of the pages that the site includes."""
    return [
        _has_no_template(include, name)
        for include, name in _TEMPLATES.items()
        if include.is_included() and not _is_found(name)
    ]


def check_static_files(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that browsers get the scripts of the call page."""
    if not CALL_PAGE.is_included():
        return []
    if not settings.STATIC_URL:
        return [
            checks.Error(
                f"{CALL_PAGE.module} is included, and STATIC_URL is not set.",
                hint='The call page loads its scripts from there. Set STATIC_URL = "static/".',
                id="talk_calls.E021",
            )
        ]
    if apps.is_installed("django.contrib.staticfiles"):
        return []
    return [
        checks.Warning(
            f"{CALL_PAGE.module} is included, and django.contrib.staticfiles is not installed.",
            hint=(
                "Add it to INSTALLED_APPS and run collectstatic, or serve the directory "
                "talk_calls/static below STATIC_URL in another way and silence this warning."
            ),
            id="talk_calls.W006",
        )
    ]


def check_login_page(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check that people can log in on the way to the account pages."""
    if not ACCOUNTS.is_included() or login_page() is not None:
        return []
    return [
        checks.Warning(
            f"{ACCOUNTS.module} is included, and LOGIN_URL, {str(settings.LOGIN_URL)!r}, "
            "leads nowhere.",
            hint=(
                "Apps send people there to log in. Set LOGIN_URL to the name or the path of your "
                "login page, or to a whole address if another server has it."
            ),
            id="talk_calls.W007",
        )
    ]


def _is_found(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    except Exception:  # noqa: BLE001 -- TEMPLATES or a site's own template is broken: no matter here
        return True
    return True


def _has_no_template(include: Include, name: str) -> checks.CheckMessage:
    return checks.Error(
        f"{include.module} is included, and no template engine finds {name}.",
        hint=(
            'Add django.template.backends.django.DjangoTemplates with "APP_DIRS": True to '
            "TEMPLATES, or the loader app_directories to its loaders."
        ),
        id="talk_calls.E020",
    )
