"""Where the call page leads when a call is over, which ``CALL_HOME`` names."""

import re

from django.urls import NoReverseMatch, get_script_prefix, reverse

from talk_calls.conf import conf

#: An address of this site or another: nothing that a browser would run, and no bare host.
_ADDRESS = re.compile(r"/(?![/\\])|https?://[^/]", re.IGNORECASE)


def home_page() -> str:
    """Return the address of the page; the root of the site if none is set, or no such page."""
    return find_home_page(conf.call_home) or get_script_prefix()


def find_home_page(name: str) -> str | None:
    """Return the address that a value of the setting means, or None if it means none.

    ``name`` is a path, an address with http or https, or the name of a URL.
    """
    if _ADDRESS.match(name):
        return name
    try:
        return reverse(name) if name else None
    except NoReverseMatch:
        return None
