"""How people log in with their clients, and out."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

import httpx

from tests.clients.probe.device import Device
from tests.clients.probe.forms import Browser, NoForm
from tests.clients.probe.steps import Refusal, Step
from tests.clients.probe.walking import Result, walk

_LOGIN_PAGE = "/index.php/login/flow"

_START = Step(
    "POST",
    "/index.php/login/v2",
    keep={"page": "login", "endpoint": "poll/endpoint", "poll": "poll/token"},
)
_PENDING = Step(
    "POST",
    "{endpoint}",
    form={"token": "{poll}"},
    refused=(Refusal(404, "nobody granted access yet"),),
)
_DONE = Step(
    "POST",
    "{endpoint}",
    form={"token": "{poll}"},
    keep={"name": "loginName", "secret": "appPassword"},
)
_REVOKE = Step("DELETE", "core/apppassword")
_LOGGED_OUT = Step("GET", "cloud/user", refused=(Refusal(401, "logged out"),))


@dataclass(frozen=True)
class Person:
    """Somebody with a user id, which is their login name as well, and a password."""

    user_id: str
    password: str = field(repr=False)


class Login:
    """One client of one person at a site, and all that it asked to come in.

    ``kind`` is that of its walk. Without ``pages`` nothing is asked: the device sends the password
    with each request, as sites want it whose login page nobody but a person can fill in.
    """

    def __init__(self, url: str, client: str, headers: Mapping[str, str], person: Person) -> None:
        self.results: list[Result] = []
        self._url, self._client, self._headers, self._person = url, client, headers, person
        self._browser = Browser(headers.get("User-Agent", "client probe"))

    def device(self, kind: str, *, pages: bool) -> Device | None:
        """Return the device of the person; None if it could not log in, which the results tell."""
        if kind == "guest":
            return self._device()
        if not pages:
            return self._device(auth=(self._person.user_id, self._person.password))
        return {"cookie": self._by_cookie, "flow": self._by_flow, "direct": self._directly}[kind]()

    def log_out(self, kind: str, device: Device) -> list[Result]:
        """Log out as this kind of client does, see that it is, and return what was asked.

        A browser logs out by a form of the site's first page. There need not be one: the pages of a
        site are its own.
        """
        before = len(self.results)
        if kind == "cookie" and self._browser.cookies:
            if self._page("log out", self._log_out_by_page, needed=False) is not None:
                self._ask(device, _LOGGED_OUT)
        elif kind in ("flow", "direct"):
            self._ask(device, _REVOKE, _LOGGED_OUT)
        return self.results[before:]

    def close(self) -> None:
        """Close the browser."""
        self._browser.close()

    def _by_cookie(self) -> Device | None:
        if self._logged_in(self._url + _LOGIN_PAGE) is None:
            return None
        return self._device(cookies=self._browser.cookies)

    def _by_flow(self) -> Device | None:
        asking = self._device()
        self._ask(asking, _START, _PENDING)
        if "page" in asking.known:
            self._granted(asking.known["page"])
            self._ask(asking, _DONE)
        asking.close()
        if "secret" not in asking.known:
            return None
        return self._device(auth=(asking.known["name"], asking.known["secret"]))

    def _directly(self) -> Device | None:
        answer = self._granted(self._url + _LOGIN_PAGE)
        where = "" if answer is None else answer.headers.get("Location", "")
        found = re.match(r"nc://login/server:.*&user:(.*)&password:(.*)", where)
        return self._device(auth=(unquote(found[1]), unquote(found[2]))) if found else None

    def _granted(self, url: str) -> httpx.Response | None:
        page = self._logged_in(url)
        if page is None:
            return None
        return self._page("let the app in", lambda: self._browser.grant(page))

    def _logged_in(self, url: str) -> httpx.Response | None:
        name, password = self._person.user_id, self._person.password
        return self._page(
            "log in", lambda: self._browser.log_in(self._browser.open(url), name, password)
        )

    def _log_out_by_page(self) -> httpx.Response:
        return self._browser.log_out(self._browser.open(self._url))

    def _page(
        self, what: str, act: Callable[[], httpx.Response], *, needed: bool = True
    ) -> httpx.Response | None:
        """Do something with the browser, and note how that went.

        That a page has no form for it is a problem only if it is ``needed``.
        """
        began = time.perf_counter()
        page, status, problem, reason = None, 0, "", ""
        try:
            page = act()
            status = page.status_code
            problem = "not expected" if page.is_error else ""
        except NoForm as missing:
            problem, reason = (str(missing), "") if needed else ("", str(missing))
        except httpx.HTTPError as error:
            problem = str(error)
        seconds = time.perf_counter() - began
        step = f"browser: {what}"
        self.results.append(Result(self._client, step, status, seconds, problem, reason))
        return None if problem else page

    def _ask(self, device: Device, *steps: Step) -> None:
        self.results += walk(self._client, steps, {"me": device})

    def _device(
        self, *, auth: tuple[str, str] | None = None, cookies: httpx.Cookies | None = None
    ) -> Device:
        return Device(self._url, self._headers, auth=auth, cookies=cookies)
