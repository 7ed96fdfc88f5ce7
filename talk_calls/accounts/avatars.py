"""Avatars of users, drawn of the user id alone (clients 5).

No database is asked, so anybody's name has one and nobody learns whose account exists.
"""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from talk_calls.api.avatars import picture

#: Seconds that a client keeps it; nothing about it changes.
MAX_AGE = 7 * 24 * 3600


@require_safe
def avatar(request: HttpRequest, user_id: str, size: int) -> HttpResponse:
    """Return the avatar of whoever is called ``user_id``, as SVG."""
    return picture(user_id, size=size, cache_control=f"public, max-age={MAX_AGE}")
