"""A browser that fills in forms, at a site that may be mounted below a path."""

import html
import re
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import get_script_prefix

_HIDDEN = re.compile(r"<input\b[^>]*\btype=\"hidden\"[^>]*>")
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')


class Browser(Client):
    """Is held to CSRF tokens, and takes the site's path off as a proxy in front of it does."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(enforce_csrf_checks=True, **kwargs)

    def request(self, **environ: Any) -> HttpResponse:
        prefix = get_script_prefix().rstrip("/")
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix(prefix)
        return super().request(**environ)

    def submit(self, page: HttpResponse, to: str, **fields: str) -> HttpResponse:
        """Send a form of a page with its hidden fields; redirects are not followed."""
        hidden = {}
        for tag in _HIDDEN.findall(page.content.decode()):
            attributes = dict(_ATTRIBUTE.findall(tag))
            hidden[attributes["name"]] = html.unescape(attributes.get("value", ""))
        return self.post(to, hidden | fields)


def text_of(page: HttpResponse) -> str:
    """Return what a page says, without its markup."""
    markup = re.compile(r"(<(script|style)\b.*?</\2>|<[^>]*>|\s)+", re.DOTALL)
    return markup.sub(" ", page.content.decode())
