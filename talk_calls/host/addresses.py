"""Addresses of the site that people are sent to."""

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from talk_calls.conf import conf


def people_address() -> str:
    """Return the address that tells how many are in calls; empty where the site has no such."""
    try:
        return reverse("talk_web:people-in-calls")
    except NoReverseMatch:  # not included, or below a namespace of the site
        return ""


def call_address(token: str) -> str:
    """Return the address of the page to call from; empty if ``CALL_PAGE`` is.

    It is that of the page of this app, wherever the site includes it, unless ``CALL_PAGE`` names
    another one.
    """
    if "CALL_PAGE" not in getattr(settings, "TALK_CALLS", {}):
        try:
            return reverse("talk_web:call", kwargs={"token": token})
        except NoReverseMatch:
            pass  # not included, or below a namespace of the site
    return conf.call_page.replace("{token}", token)
