"""The login page of the site, which ``LOGIN_URL`` names."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.shortcuts import resolve_url
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve
from django.utils.translation import get_language


def login_page() -> str | None:
    """Return the address of the login page, or None if the site has no such page.

    An address of another host, such as that of a single sign-on, is taken as it is. A path is one
    of this site, and has to lead to a view.
    """
    try:
        address = resolve_url(settings.LOGIN_URL)
    except NoReverseMatch:
        return None
    parts = urlsplit(address)
    if parts.netloc or _leads_to_a_view(parts.path):
        return address
    return None


def _leads_to_a_view(path: str) -> bool:
    prefix = get_script_prefix()
    return path.startswith(prefix) and any(
        _is_a_view(candidate) for candidate in _candidates(path.removeprefix(prefix))
    )


def _is_a_view(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


def _candidates(path: str) -> Iterator[str]:
    """Yield the paths to which Django's middleware would redirect, after the path itself."""
    languages = ["", f"{get_language()}/"]  # LocaleMiddleware, for `i18n_patterns`
    slashes = ["", "/"] if settings.APPEND_SLASH and not path.endswith("/") else [""]
    for language in languages:
        for slash in slashes:
            yield f"/{language}{path}{slash}"
