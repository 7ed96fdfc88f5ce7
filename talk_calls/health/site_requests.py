"""Requests to the site over HTTP, as from a client."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from talk_calls.health.results import CheckContext

#: Bytes that are read of an answer; the app's own are shorter.
_MAX_BYTES = 1_000_000

_HEADERS = {"OCS-APIRequest": "true", "Accept": "application/json"}


def get_json(context: CheckContext, path: str, more: Mapping[str, str] | None = None) -> Any:
    """Return what the site answers to a GET of ``path``, with ``more`` headers beside those of OCS.

    Raises ``urllib.error.HTTPError`` for a refusal, another ``OSError`` if there is no answer, and
    ``ValueError`` for one that is no JSON.
    """
    url, headers = context.url.rstrip("/") + path, {**_HEADERS, **(more or {})}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310 -- the command checks it
    with urllib.request.urlopen(request, timeout=context.timeout) as answer:  # noqa: S310
        return json.loads(answer.read(_MAX_BYTES))
