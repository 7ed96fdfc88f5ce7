"""A browser that can log in: it finds forms, fills them in and sends them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


class NoForm(Exception):
    """A page does not have the form that was looked for."""


@dataclass
class Form:
    """A form: where it goes, its fields by name with their values, and the types by name."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def of_type(self, *types: str) -> str:
        """Return the name of its first field of one of these types, or nothing."""
        return next((name for name, type_ in self.types.items() if type_ in types), "")


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(values.get("action", "")))
        elif tag == "input" and self.found and values.get("name"):
            self.found[-1].fields[values["name"]] = values.get("value", "")
            self.found[-1].types[values["name"]] = values.get("type", "text")
        elif tag == "button" and self.found:
            self.found[-1].buttons.append((values.get("name", ""), values.get("value", "")))


class Browser:
    """A browser of one person, with cookies."""

    def __init__(self, name: str) -> None:
        headers = {"Accept": "text/html", "User-Agent": name, "OCS-APIRequest": "true"}
        self._http = httpx.Client(timeout=60, headers=headers)

    @property
    def cookies(self) -> httpx.Cookies:
        """Return all that it got."""
        return self._http.cookies

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def open(self, url: str) -> httpx.Response:
        """Return a page, or the redirect that leads to an app."""
        return self._follow(self._http.get(url))

    def log_in(self, page: httpx.Response, username: str, password: str) -> httpx.Response:
        """Return what follows the login page; the page itself, if there is nothing to log in to."""
        for form in _forms(page):
            if secret := form.of_type("password"):
                name = form.of_type("text", "email")
                return self._send(page, form, {name: username, secret: password})
        return page

    def grant(self, page: httpx.Response) -> httpx.Response:
        """Let an app in, where a page asks for it."""
        for form in _forms(page):
            if ("decision", "grant") in form.buttons:
                return self._send(page, form, {"decision": "grant"})
        raise NoForm(f"{page.url} ({page.status_code}) does not ask whether to let an app in")

    def log_out(self, page: httpx.Response) -> httpx.Response:
        """Send the form of a page that logs out."""
        for form in _forms(page):
            if "logout" in form.action:
                return self._send(page, form, {})
        raise NoForm(f"{page.url} has no form that logs out")

    def _send(self, page: httpx.Response, form: Form, values: dict[str, str]) -> httpx.Response:
        url = urljoin(str(page.url), form.action)
        return self._follow(
            self._http.post(url, data=form.fields | values, headers={"Referer": str(page.url)})
        )

    def _follow(self, response: httpx.Response) -> httpx.Response:
        while response.is_redirect:
            url = urljoin(str(response.url), response.headers["Location"])
            if not url.startswith("http"):
                return response
            response = self._http.get(url)
        return response


def _forms(page: httpx.Response) -> list[Form]:
    parser = _Forms()
    parser.feed(page.text)
    return parser.found
