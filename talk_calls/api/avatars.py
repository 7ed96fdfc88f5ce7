"""Generated pictures: an initial on a colour, both made of a name (clients 5)."""

import hashlib

from django.http import HttpResponse
from django.utils.html import format_html

#: Pixels of a picture's side at least and at most.
MIN_SIZE, MAX_SIZE = 16, 1024

#: Pixels of a picture's side where nobody says.
DEFAULT_SIZE = 64

# The colour is dark enough for white letters of any size (WCAG 2.1, AA) at every hue.
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 64 64">'
    '<rect width="64" height="64" fill="hsl({hue},50%,30%)"/>'
    '<text x="32" y="32" dy=".35em" text-anchor="middle" font-family="sans-serif" font-size="32"'
    ' fill="#fff">{initial}</text></svg>'
)


def picture(name: str, *, size: int = DEFAULT_SIZE, cache_control: str) -> HttpResponse:
    """Return the SVG picture of ``name``, which nothing in it can make anything but a picture."""
    side = min(max(size, MIN_SIZE), MAX_SIZE)
    svg = format_html(_SVG, size=side, hue=hue_of(name), initial=initial_of(name))
    return HttpResponse(
        svg,
        content_type="image/svg+xml",
        headers={
            "Cache-Control": cache_control,
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "X-Content-Type-Options": "nosniff",
        },
    )


def hue_of(name: str) -> int:
    """Return a colour's hue in degrees, always the same for the same name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:2]) % 360


def initial_of(name: str) -> str:
    """Return the first letter or digit as a capital; a question mark where there is none."""
    first = next((sign for sign in name if sign.isalnum()), "?")
    return first.upper()[0]
