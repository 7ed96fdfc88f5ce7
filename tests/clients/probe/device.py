"""A device: what it knows, and how it sends a step."""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.clients.probe.steps import Step

TALK = "/ocs/v2.php/apps/spreed/api/"

#: Seconds that an answer may take: a poll waits 30 by itself.
_TIMEOUT = 60

_NAME = re.compile(r"\{(\w+)\}")


class Unknown(Exception):
    """A step names something that no answer before it had."""


@dataclass(frozen=True)
class Answer:
    """What came back; ``status`` is 0 if nothing did, and ``problem`` says why.

    ``status`` is that of OCS where the HTTP status is always 200, below ``/ocs/v1.php``.
    """

    status: int
    seconds: float
    data: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


class Device:
    """One client of one person, with cookies.

    ``known`` are the names that steps may use; devices may share them.
    """

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        auth: tuple[str, str] | None = None,
        cookies: httpx.Cookies | None = None,
        known: dict[str, str] | None = None,
    ) -> None:
        self.known = {} if known is None else known
        self._url, self._auth = url, auth
        self._http = httpx.Client(
            base_url=url, headers=headers, auth=auth, cookies=cookies, timeout=_TIMEOUT
        )

    def another(self, headers: Mapping[str, str], known: dict[str, str]) -> "Device":
        """Return another device of the same person, which has the same credentials."""
        return Device(self._url, headers, auth=self._auth, known=known)

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def send(self, step: Step) -> Answer:
        """Send a request; raises ``Unknown`` if it names what the device does not know."""
        request = self._http.build_request(
            step.method,
            _absolute(self._filled(step.path)),
            params=self._filled(step.query) or None,
            data=self._filled(step.form),
            json=self._filled(step.json),
            headers=step.headers,
        )
        began = time.perf_counter()
        try:
            response = self._http.send(request)
        except httpx.HTTPError as error:
            return Answer(0, time.perf_counter() - began, problem=f"{type(error).__name__} {error}")
        seconds = time.perf_counter() - began
        status, data = _opened(response)
        return Answer(status, seconds, data, response.headers)

    def keep(self, step: Step, answer: Answer) -> list[str]:
        """Learn what the step keeps of an answer; return the names that were not in it."""
        missing = []
        for name, place in step.keep.items():
            if place.startswith("X-"):
                value = answer.headers.get(place)
            else:
                value = _find(answer.data, self._filled(place))
            if value is None:
                missing.append(name)
            else:
                self.known[name] = str(value)
        return missing

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return _NAME.sub(self._named, value)
        if isinstance(value, Mapping):
            return {name: self._filled(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        return value

    def _named(self, match: re.Match[str]) -> str:
        if match[1] not in self.known:
            raise Unknown(match[1])
        return self.known[match[1]]


def _absolute(path: str) -> str:
    if path.startswith(("/", "http:", "https:")):
        return path
    return f"{TALK}{path}" if re.match(r"v\d/", path) else f"/ocs/v2.php/{path}"


def _opened(response: httpx.Response) -> tuple[int, Any]:
    """Return the status and the data of an answer, which need not be OCS."""
    try:
        body = response.json()
    except ValueError:
        return response.status_code, None
    if not isinstance(body, dict) or "ocs" not in body:
        return response.status_code, body
    code = body["ocs"]["meta"]["statuscode"]
    if "/ocs/v1.php/" in response.url.path and response.status_code == httpx.codes.OK:
        return 200 if code == 100 else code, body["ocs"]["data"]
    return response.status_code, body["ocs"]["data"]


def _find(data: Any, place: str) -> Any:
    """Return the part of data at a place such as ``0/actorId`` or ``actorId=bob/attendeeId``."""
    for part in place.split("/"):
        key, equals, wanted = part.partition("=")
        if equals:
            data = next((each for each in data or () if str(each.get(key)) == wanted), None)
        elif isinstance(data, list):
            data = data[int(key)] if data else None
        elif isinstance(data, dict):
            data = data.get(key)
        else:
            return None
    return data
