"""The page in other languages."""

import pytest
from django.test import Client
from django.utils import translation


@pytest.mark.parametrize(
    ("language", "tag", "direction"),
    [("de", "de", "ltr"), ("en", "en", "ltr"), ("he", "he", "rtl")],
)
def test_language_of_the_page(language, tag, direction):
    """The page has the attributes of its language and its direction."""
    with translation.override(language):
        html = Client().get("/call/abcd").content.decode()
    assert f'<html lang="{tag}" dir="{direction}">' in html


def test_browser_chooses_the_language(settings):
    """With Django's LocaleMiddleware the page follows the browser; without, the site."""
    german = {"Accept-Language": "de"}
    assert "Join call" in Client(headers=german).get("/call/abcd").content.decode()
    settings.MIDDLEWARE = ["django.middleware.locale.LocaleMiddleware", *settings.MIDDLEWARE]
    html = Client(headers=german).get("/call/abcd").content.decode()
    assert "Anruf beitreten" in html
    assert "Stummschaltung aufheben" in html
