"""Checks that the site answers over HTTP, and that waiting polls hold no workers."""

import urllib.error
from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from talk_calls.checks.site import check_server
from talk_calls.health import site_requests
from talk_calls.health.results import CheckContext, Result, error, ok, skipped, warning

_HINT = _("Are the URLs of talk_calls included at the root of the site, and does it serve there?")

#: The paths to request, and a function that tells whether an answer comes from this app.
_PATHS: dict[str, Callable[[Any], bool]] = {
    "/status.php": lambda answer: answer["installed"] is True,
    "/ocs/v2.php/cloud/capabilities": lambda answer: bool(answer["ocs"]["data"]["capabilities"]),
    "/ocs/v2.php/apps/spreed/api/v3/signaling/settings": lambda answer: (
        answer["ocs"]["data"]["signalingMode"] in {"internal", "external"}
    ),
}


def run(context: CheckContext) -> list[Result]:
    """Read from the settings how the site is served, and request it if its address is known."""
    results = [_gateway()]
    if not context.url:
        hint = _("Pass --url https://site.example to have the site requested over HTTP.")
        return [*results, skipped(_("The site was not requested over HTTP."), hint)]
    return [*results, *(_request(context, path) for path in _PATHS)]


def _gateway() -> Result:
    messages = check_server(None)
    if messages:
        return warning(messages[0].msg, messages[0].hint or "")
    return ok(_("The settings do not bind the site to WSGI, so it can wait without workers."))


def _request(context: CheckContext, path: str) -> Result:
    try:
        is_ours = _PATHS[path](site_requests.get_json(context, path))
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return error(
            _("{path} answers with HTTP {code}.").format(path=path, code=refusal.code), _HINT
        )
    except OSError as exception:
        reason = getattr(exception, "reason", exception)
        return error(_("{path} does not answer: {reason}.").format(path=path, reason=reason), _HINT)
    except (ValueError, KeyError, TypeError):
        is_ours = False
    if not is_ours:
        return error(_("{path} answers, but not from talk_calls.").format(path=path), _HINT)
    return ok(_("{path} answers.").format(path=path))
