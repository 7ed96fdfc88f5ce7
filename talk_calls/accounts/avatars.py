"""Avatars of users, generated from the user id alone, for bright and dark pages (clients 5).

The database is not read, so every name has an avatar and none reveals whether an account exists.
"""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from talk_calls.api.avatars import picture
from talk_calls.ocs.unchanged_sessions import leaves_session_unchanged

#: Seconds for which clients may cache an avatar; it never changes.
MAX_AGE = 7 * 24 * 3600


@login_not_required
@require_safe
@leaves_session_unchanged
def avatar(request: HttpRequest, user_id: str, size: int) -> HttpResponse:
    """Return the avatar of ``user_id`` as SVG, ``size`` pixels wide and high."""
    return picture(user_id, size=size, cache_control=f"public, max-age={MAX_AGE}")
