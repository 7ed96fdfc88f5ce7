"""The German catalogue holds every text that is marked for translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib

import talk_calls

ROOT = Path(talk_calls.__file__).parent
GERMAN = ROOT / "locale/de/LC_MESSAGES/django.po"
PLACES = r"\{\w+\}|%\(\w+\)s|<[^>]*>"


def texts_of_modules() -> Iterator[str]:
    """Return every text in a call of ``_``, the name under which modules import gettext."""
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_":
                yield ast.literal_eval(node.args[0])


def texts_of_templates() -> Iterator[str]:
    """Return every text of our pages; the admin's templates use Django's own catalogue."""
    statistics = ROOT / "templates/admin/talk_calls/call/statistics.html"
    for template in [*(ROOT / "templates/talk_calls").glob("*/*.html"), statistics]:
        html = template.read_text()
        for _, text in re.findall(r"""{% translate (["'])(.*?)\1""", html):
            yield text
        for text in re.findall(
            r"{% blocktranslate trimmed[^%]*%}(.*?){% endblocktranslate %}", html
        ):
            yield re.sub(r"{{ (\w+) }}", r"%(\1)s", text)


def test_german_is_complete():
    """Every text has a German one, with the same places to fill in, and there is no other."""
    catalogue = {entry.msgid: entry.msgstr for entry in polib.pofile(str(GERMAN))}
    assert set(catalogue) == {*texts_of_modules(), *texts_of_templates()}
    for english, german in catalogue.items():
        assert german, english
        assert sorted(re.findall(PLACES, english)) == sorted(re.findall(PLACES, german)), english


def test_compiled_german_is_the_written_one():
    """What Django reads was made from what people read."""
    entries = {entry.msgid: entry.msgstr for entry in polib.pofile(str(GERMAN))}
    compiled = polib.mofile(str(GERMAN.with_suffix(".mo")))
    assert {entry.msgid: entry.msgstr for entry in compiled} == entries
