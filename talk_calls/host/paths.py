"""Paths of the site as browsers know them."""

from django.http import HttpRequest
from django.urls import get_script_prefix


def path_of(request: HttpRequest) -> str:
    """Return the path of a request, with the path below which the whole site is served.

    ``request.path`` lacks that where an ASGI server got it from ``FORCE_SCRIPT_NAME`` alone.
    """
    return f"{get_script_prefix()}{request.path_info.removeprefix('/')}"
