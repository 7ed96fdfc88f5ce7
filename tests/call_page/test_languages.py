"""The page in other languages."""

import re
from pathlib import Path

import polib
import pytest
from django.test import Client
from django.utils import translation

from talk_calls.call_page import texts, views

ROOT = Path(views.__file__).resolve().parents[1]
GERMAN = ROOT / "locale/de/LC_MESSAGES/django.po"
PLACES = r"\{\w+\}|%\(\w+\)s|<[^>]*>"


def source_texts() -> set[str]:
    """Return every text that templates and scripts of the page have translated."""
    found = {str(each) for each in texts.TEXTS.values()}
    for template in (ROOT / "templates/talk_calls/call").glob("*.html"):
        html = template.read_text()
        found |= {text for _, text in re.findall(r"""{% translate (["'])(.*?)\1""", html)}
        for text in re.findall(r"{% blocktranslate trimmed %}(.*?){% endblocktranslate %}", html):
            found.add(re.sub(r"{{ (\w+) }}", r"%(\1)s", text))
    return found


def test_german_is_complete():
    """Every text has a German one, with the same places to fill in, and there is no other."""
    catalogue = {entry.msgid: entry.msgstr for entry in polib.pofile(str(GERMAN))}
    with translation.override("en"):
        assert set(catalogue) == source_texts()
    for english, german in catalogue.items():
        assert german, english
        assert sorted(re.findall(PLACES, english)) == sorted(re.findall(PLACES, german)), english


def test_compiled_german_is_the_written_one():
    """What Django reads was made from what people read."""
    entries = {entry.msgid: entry.msgstr for entry in polib.pofile(str(GERMAN))}
    compiled = polib.mofile(str(GERMAN.with_suffix(".mo")))
    assert {entry.msgid: entry.msgstr for entry in compiled} == entries


@pytest.mark.parametrize(
    ("language", "tag", "direction"),
    [("de", "de", "ltr"), ("en", "en", "ltr"), ("he", "he", "rtl")],
)
def test_language_of_the_page(language, tag, direction):
    """The page says which language it is in, and which way that is read."""
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
