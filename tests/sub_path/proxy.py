"""A browser or an app in front of whose site stands a proxy."""

import base64
import http.client
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.sub_path.kinds import PREFIX

HOST = "intranet.example"
SITE = f"http://{HOST}{PREFIX}"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def location(self) -> str:
        return self.headers["Location"]


@dataclass
class Client:
    """Somebody who asks the site at its public addresses, and keeps cookies."""

    port: int
    is_stripped: bool
    credentials: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, address: str) -> Answer:
        return self.ask("GET", address)

    def post(self, address: str, **form: str) -> Answer:
        return self.ask("POST", address, urlencode(form))

    def submit(self, page: Answer, address: str, **form: str) -> Answer:
        """Send the form of a page, with its hidden fields."""
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text)
        return self.post(address, **dict(hidden) | form)

    def ask(self, method: str, address: str, body: str | None = None) -> Answer:
        parts = urlsplit(address)
        assert parts.netloc in {"", HOST}, address
        assert parts.path.startswith(f"{PREFIX}/"), f"{address} is outside of the site"
        path = parts.path.removeprefix(PREFIX) if self.is_stripped else parts.path
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, f"{path}?{parts.query}", body, self._headers())
            got = connection.getresponse()
            answer = Answer(got.status, got.headers, got.read().decode())
        finally:
            connection.close()
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def _headers(self) -> dict[str, str]:
        headers = {
            "Host": HOST,
            "OCS-APIRequest": "true",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
        }
        if self.credentials:
            encoded = base64.b64encode(self.credentials.encode()).decode()
            headers["Authorization"] = f"Basic {encoded}"
        return headers
