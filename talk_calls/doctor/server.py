"""Does the site answer, and can its clients wait for news?"""

import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from talk_calls.checks.site import check_server
from talk_calls.doctor.findings import Finding, Visit, error, skipped, warning, well

_HINT = "Are the URLs of talk_calls included at the root of the site, and does it serve there?"

#: What is asked, and what of the answer tells that it is ours.
_PATHS: dict[str, Callable[[Any], bool]] = {
    "/status.php": lambda answer: answer["installed"] is True,
    "/ocs/v2.php/cloud/capabilities": lambda answer: bool(answer["ocs"]["data"]["capabilities"]),
    "/ocs/v2.php/apps/spreed/api/v3/signaling/settings": lambda answer: (
        answer["ocs"]["data"]["signalingMode"] == "internal"
    ),
}

#: Bytes that are read of an answer; none of ours is longer.
_MOST = 1_000_000


def examine(visit: Visit) -> list[Finding]:
    """Ask the settings how the site is served, and the site itself if its address is known."""
    findings = [_gateway()]
    if not visit.url:
        hint = "Say --url https://site.example to have the site asked over HTTP."
        return [*findings, skipped("Whether the site answers over HTTP was not tried.", hint)]
    return [*findings, *(_asked(visit, path) for path in _PATHS)]


def _gateway() -> Finding:
    messages = check_server(None)
    if messages:
        return warning(messages[0].msg, messages[0].hint or "")
    return well("As far as the settings say, the site is not bound to WSGI; ASGI waits cheaply.")


def _asked(visit: Visit, path: str) -> Finding:
    url = visit.url.rstrip("/") + path
    headers = {"OCS-APIRequest": "true", "Accept": "application/json"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 -- the command checks it
    try:
        with urllib.request.urlopen(request, timeout=visit.timeout) as answer:  # noqa: S310
            fits = _PATHS[path](json.loads(answer.read(_MOST)))
    except urllib.error.HTTPError as refusal:
        refusal.close()
        return error(f"{path} answers with HTTP {refusal.code}.", _HINT)
    except OSError as trouble:
        why = getattr(trouble, "reason", trouble)
        return error(f"{path} does not answer: {why}.", _HINT)
    except (ValueError, KeyError, TypeError):
        fits = False
    return well(f"{path} answers.") if fits else error(f"{path} is answered by others.", _HINT)
