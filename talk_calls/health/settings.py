"""Checks the settings: the app's system checks, and what calls need besides."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.utils.translation import gettext_lazy as _

from talk_calls.health.results import CheckContext, Result, error, ok, warning

#: System checks that have a health check of their own: ``cache``, ``server``, ``client_address``.
_ELSEWHERE = {"talk_calls.W001", "talk_calls.W002", "talk_calls.W008"}


def run(context: CheckContext) -> list[Result]:
    """Run the app's system checks, those for deployment too, and check DEBUG and HTTPS."""
    messages = [
        each
        for each in checks.run_checks(include_deployment_checks=True)
        if str(each.id).startswith("talk_calls.") and each.id not in _ELSEWHERE
    ]
    results = [_result(each) for each in messages]
    if settings.DEBUG:
        hint = _("Set DEBUG = False: it keeps every statement in memory and shows the settings.")
        results.append(warning(_("DEBUG is on."), hint))
    if _is_plain_http(context.url):
        hint = _("Browsers give camera and microphone to https pages only; put TLS in front.")
        results.append(error(_("The site is served over plain HTTP."), hint))
    elif not context.url and not settings.SESSION_COOKIE_SECURE:
        hint = _("Set SESSION_COOKIE_SECURE = True: calls need HTTPS in every browser anyway.")
        results.append(warning(_("Session cookies may travel over plain HTTP."), hint))
    return results or [ok(_("All system checks of talk_calls pass."))]


def _is_plain_http(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in {"localhost", "127.0.0.1", "::1"}


def _result(message: checks.CheckMessage) -> Result:
    make = error if message.level >= checks.ERROR else warning
    return make(f"{message.id}: {message.msg}", message.hint or _("See docs/settings.md."))
