"""Generated avatars: an initial on a colour, both made of the user id (clients.md 5).

No database is asked, so anybody's name has one and nobody learns whose account exists.
"""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

#: Pixels of an avatar's side at least and at most.
MIN_SIZE, MAX_SIZE = 16, 1024

#: Seconds that a client keeps it; nothing about it changes.
MAX_AGE = 7 * 24 * 3600

# The colour is dark enough for white letters of any size (WCAG 2.1, AA) at every hue.
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" viewBox="0 0 64 64">'
    '<rect width="64" height="64" fill="hsl({hue},50%,30%)"/>'
    '<text x="32" y="32" dy=".35em" text-anchor="middle" font-family="sans-serif" font-size="32"'
    ' fill="#fff">{initial}</text></svg>'
)


@require_safe
def avatar(request: HttpRequest, user_id: str, size: int) -> HttpResponse:
    """Return the avatar of whoever is called ``user_id``, as SVG."""
    side = min(max(size, MIN_SIZE), MAX_SIZE)
    svg = format_html(_SVG, size=side, hue=hue_of(user_id), initial=initial_of(user_id))
    return HttpResponse(
        svg,
        content_type="image/svg+xml",
        headers={
            "Cache-Control": f"public, max-age={MAX_AGE}",
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
            "X-Content-Type-Options": "nosniff",
        },
    )


def hue_of(user_id: str) -> int:
    """Return a colour's hue in degrees, always the same for the same name."""
    return int.from_bytes(hashlib.sha256(user_id.encode()).digest()[:2]) % 360


def initial_of(user_id: str) -> str:
    """Return the first letter or digit as a capital; a question mark where there is none."""
    first = next((sign for sign in user_id if sign.isalnum()), "?")
    return first.upper()[0]
