"""Requests as the apps put them on the wire: login, form of the answer, form of the body."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.test import Client

from tests.app_passwords import app_password_in_use

API = "/ocs/v2.php/apps/spreed/api"
FORM = "application/x-www-form-urlencoded"
LOGINS = ("app password", "account password", "bearer", "cookie")
#: How a client says which form of answer it wants: JSON in four ways, XML by saying nothing.
WISHES = ("query", "form", "accept", "bare accept", "nothing")


@dataclass
class Body:
    """What a request carries: nothing, a form, JSON or a query."""

    kind: str = "nothing"
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.kind} {self.values or ''}".strip()


@dataclass
class Device:
    """One device of a user, with its cookie jar."""

    user: Any
    login: str = "app password"
    wish: str = "query"
    jar: bool = True
    browser: Client = field(default_factory=Client)
    _authorization: str = ""

    def __post_init__(self) -> None:
        match self.login:
            case "account password":
                self._authorization = _basic(self.user.username, "account secret")
            case "cookie":
                self.browser.force_login(self.user)
            case _:
                secret = app_password_in_use(self.user)
                basic = _basic(self.user.username, secret)
                self._authorization = f"Bearer {secret}" if self.login == "bearer" else basic

    def send(self, method: str, path: str, body: Body | None = None) -> HttpResponse:
        """Send a request below the API, or elsewhere if the path begins with a slash."""
        body = body or Body()
        headers = {"OCS-APIRequest": "true", "User-Agent": "Mozilla/5.0 (Android) Nextcloud-Talk"}
        if self._authorization:
            headers["Authorization"] = self._authorization
        query = dict(body.values) if body.kind == "query" else {}
        form = dict(body.values) if body.kind == "form" else {}
        match self.wish:
            case "query":
                query["format"] = "json"
            case "form" if method != "get" and body.kind in ("form", "nothing"):
                form["format"] = "json"
            case "form":
                query["format"] = "json"
            case "accept":
                headers["Accept"] = "application/json"
            case "bare accept":
                headers["Accept"] = "json"
        if not self.jar:
            self.browser.cookies.clear()
        sent: dict[str, Any] = {}
        if body.kind == "json":
            sent = {"data": json.dumps(body.values), "content_type": "application/json"}
        elif form or body.kind == "form":
            sent = {"data": urlencode(form, doseq=True), "content_type": FORM}
        else:
            sent = {"content_type": ""}  # an empty body of no type
        url = path if path.startswith("/") else f"{API}/{path}"
        return self.browser.generic(
            method.upper(), url, query_params=query, headers=headers, **sent
        )


def _basic(name: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
