"""The German catalogue holds every text that is marked for translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import django
import polib
from django.utils.translation import trim_whitespace

import talk_calls

ROOT = Path(talk_calls.__file__).parent
GERMAN = ROOT / "locale/de/LC_MESSAGES/django.po"
OF_DJANGO = {"Home", "No", "No, take me back", "Yes"}

#: Texts of which Django's German is that of its names of types of fields.
OTHER_THAN_DJANGO = {"Duration", "None", "Type"}
PLACES = r"\{\w+\}|%\(\w+\)s|<[^>]*>"


#: How many texts the functions take that modules import from Django: singular, and plural.
FUNCTIONS = {"_": 1, "gettext": 1, "ngettext": 2}


def texts_of_modules() -> Iterator[tuple[str, ...]]:
    """Yield the text in every call of ``FUNCTIONS``, with its plural if it has one.

    A call with a variable is not that of a text.
    """
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                texts = node.args[: FUNCTIONS.get(getattr(node.func, "id", ""), 0)]
                if texts and isinstance(texts[0], ast.Constant):
                    yield tuple(ast.literal_eval(text) for text in texts)


def texts_of_templates() -> Iterator[tuple[str, ...]]:
    """Yield every text of our pages, but those that the admin has from Django's catalogue."""
    for template in (ROOT / "templates").rglob("*.html"):
        html = template.read_text()
        for _, text in re.findall(r"""{% translate (["'])(.*?)\1""", html):
            if text not in OF_DJANGO:
                yield (text,)
        for text in re.findall(
            r"{% blocktranslate [^%]*%}(.*?){% endblocktranslate %}", html, flags=re.DOTALL
        ):
            parts = map(trim_whitespace, text.split("{% plural %}"))
            yield tuple(re.sub(r"{{ (\w+) }}", r"%(\1)s", part) for part in parts)


def texts_of(entry: polib.POEntry) -> tuple[str, ...]:
    return (entry.msgid, entry.msgid_plural) if entry.msgid_plural else (entry.msgid,)


def german_of(entry: polib.POEntry) -> tuple[str, ...]:
    return tuple(entry.msgstr_plural.values()) if entry.msgid_plural else (entry.msgstr,)


def test_german_is_complete():
    """Every text has a German one, with the same places to fill in, and there is no other."""
    catalogue = {texts_of(entry): german_of(entry) for entry in polib.pofile(str(GERMAN))}
    assert set(catalogue) == {*texts_of_modules(), *texts_of_templates()}
    for english, german in catalogue.items():
        for one, other in zip(english, german, strict=True):
            assert other, one
            assert sorted(re.findall(PLACES, one)) == sorted(re.findall(PLACES, other)), one


def test_compiled_german_is_the_written_one():
    """What Django reads was made from what people read."""
    entries = {texts_of(entry): german_of(entry) for entry in polib.pofile(str(GERMAN))}
    compiled = polib.mofile(str(GERMAN.with_suffix(".mo")))
    assert {texts_of(entry): german_of(entry) for entry in compiled} == entries


def test_german_leaves_the_pages_of_the_site_alone():
    """A text that Django has too is the same in German: ours replaces that of all other pages."""
    ours = {entry.msgid: entry.msgstr for entry in polib.pofile(str(GERMAN))}
    for path in Path(django.__file__).parent.rglob("locale/de/LC_MESSAGES/django.po"):
        for entry in polib.pofile(str(path)):
            if not entry.msgctxt and entry.msgid in ours.keys() - OTHER_THAN_DJANGO:
                assert ours[entry.msgid] == entry.msgstr
