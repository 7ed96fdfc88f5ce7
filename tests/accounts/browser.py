"""A browser as its user sees it: forms with their hidden fields, headers that browsers send."""

import html
import re
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

#: What every page of the accounts says to browsers.
GUARDED = {
    "Cache-Control": "max-age=0, no-cache, no-store, must-revalidate, private",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self' nc:; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Browser(Client):
    """A client that is held to CSRF tokens, as Django holds real ones."""

    def __init__(self, **kwargs) -> None:
        super().__init__(enforce_csrf_checks=True, **kwargs)

    def submit(self, page: HttpResponse, to: str, **fields: str) -> HttpResponse:
        """Send the form of a page, with its hidden fields."""
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', text(page))
        return self.post(to, dict(hidden) | fields)


def text(page: HttpResponse) -> str:
    """Return the page as it was sent."""
    return page.content.decode()


def heading(page: HttpResponse) -> str:
    """Return the one heading of a page, which is its title too."""
    [title] = re.findall(r"<h1>(.*?)</h1>", text(page))
    assert f"<title>{title}</title>" in text(page)
    return html.unescape(title)


def path_of(url: str) -> str:
    """Return the path of an absolute URL of this site."""
    assert url.startswith("http://testserver/")
    return urlsplit(url).path


def guards(page: HttpResponse) -> dict[str, str | None]:
    """Return the values of the headers of a page that protect it in browsers."""
    return {name: page.get(name) for name in GUARDED}
