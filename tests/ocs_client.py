"""A client that speaks OCS the way Talk's clients do."""

import base64
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from tests.openapi import check_answer


@dataclass
class OCSClient:
    """One device: it has a cookie jar, and credentials if it is a user's.

    ``version`` is the API version ("v1" …), ``entry`` 1 or 2 for ``/ocs/v1.php`` and ``v2.php``,
    ``wire`` "json" or "xml". ``service`` is what lies below the entry point.
    """

    version: str = "v3"
    entry: int = 2
    wire: str = "json"
    username: str | None = None
    password: str | None = None
    browser: Client = field(default_factory=Client)
    service: str = "apps/spreed/api/{version}"

    def request(
        self,
        method: str,
        path: str,
        data: Any = None,
        *,
        json: str | None = None,
        headers: dict[str, str | None] | None = None,
    ) -> "OCSAnswer":
        """Send ``data`` as a form, or as the query of a GET; or the text ``json`` as it is.

        A header that is None is not sent.
        """
        service = self.service.format(version=self.version)
        url = f"/ocs/v{self.entry}.php/{service}/{path}"
        query = {"format": self.wire}
        body: dict[str, Any] = {}
        if json is not None:
            body = {"data": json, "content_type": "application/json"}
        elif method.lower() == "get":
            query |= data or {}
        else:
            body = {"data": _encode(data or {}), "content_type": _FORM}
        response = self.browser.generic(
            method.upper(), url, query_params=query, headers=self._headers(headers), **body
        )
        if self.entry == 2:
            check_answer(self.version, method, path, response)
        return OCSAnswer(response, self.wire)

    def get(self, path: str, data: Any = None) -> "OCSAnswer":
        """GET."""
        return self.request("get", path, data)

    def post(self, path: str, data: Any = None) -> "OCSAnswer":
        """POST a form."""
        return self.request("post", path, data)

    def put(self, path: str, data: Any = None) -> "OCSAnswer":
        """PUT a form."""
        return self.request("put", path, data)

    def delete(self, path: str, data: Any = None) -> "OCSAnswer":
        """DELETE, with a form body if there is data."""
        return self.request("delete", path, data)

    def _headers(self, extra: dict[str, str | None] | None) -> dict[str, str]:
        headers: dict[str, str | None] = {"OCS-APIRequest": "true"}
        if self.username is not None:
            credentials = f"{self.username}:{self.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(credentials).decode()}"
        headers |= extra or {}
        return {name: value for name, value in headers.items() if value is not None}


@dataclass
class OCSAnswer:
    """An answer, with its envelope opened."""

    response: HttpResponse
    wire: str

    @property
    def http(self) -> int:
        """Return the HTTP status."""
        return self.response.status_code

    @property
    def ocs(self) -> Any:
        """Return the envelope; XML is read into the same shape, all scalars as text."""
        if self.wire == "json":
            return self.response.json()["ocs"]
        return _read(ET.fromstring(self.response.content))  # noqa: S314 -- our own answer

    @property
    def whole(self) -> tuple[int, Any]:
        """Return all there is to compare: HTTP status and envelope."""
        return self.http, self.ocs

    @property
    def code(self) -> int:
        """Return the OCS status code."""
        return int(self.ocs["meta"]["statuscode"])

    @property
    def data(self) -> Any:
        """Return the payload."""
        return self.ocs["data"]


_FORM = "application/x-www-form-urlencoded"


def _encode(data: dict[str, Any]) -> str:
    from urllib.parse import urlencode

    return urlencode(data, doseq=True)


def _read(node: ET.Element) -> Any:
    children = list(node)
    if not children:
        return node.text or ""
    if all(child.tag == "element" and "name" not in child.attrib for child in children):
        return [_read(child) for child in children]
    return {child.get("name", child.tag): _read(child) for child in children}
