"""A client for the endpoints of ``urls.py``."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

Send = Callable[..., HttpResponse]


@pytest.fixture
def send(settings) -> Send:
    """Return a function that sends a request through the gate of a site without calls."""
    settings.ROOT_URLCONF = "tests.ocs.urls"
    client = Client(raise_request_exception=False)

    def send(
        method: str,
        path: str,
        body: bytes | str = b"",
        content_type: str = "",
        *,
        entry: int = 2,
        headers: dict[str, str] | None = None,
        **environ: Any,
    ) -> HttpResponse:
        return client.generic(
            method.upper(),
            f"/ocs/v{entry}.php/{path}",
            body,
            content_type,
            headers={"OCS-APIRequest": "true"} | (headers or {}),
            **environ,
        )

    return send
