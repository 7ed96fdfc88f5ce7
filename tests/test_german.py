"""A German reader finds no English text: in templates, choices, the admin and commands."""

import inspect
import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db.models import Choices, Field
from django.utils.encoding import force_str
from django.utils.translation import override

from talk_calls import constants
from talk_calls.models import audit
from tests.management.test_help import COMMANDS, parser_of, parsers
from tests.test_translations import ROOT

#: Words that are the same in German.
SAME = {"Moderator", "moderator", "Name", "name", "Lobby", "lobby", "token"}

#: What is no text of a page: tags of the template language, translated texts, code and drawings.
NO_TEXT = re.compile(
    r"{% comment %}.*?{% endcomment %}|{% blocktranslate.*?{% endblocktranslate %}"
    r"|<(?P<tag>script|style)\b.*?</(?P=tag)>|{%.*?%}|{{.*?}}|{#.*?#}|&\w+;",
    flags=re.DOTALL,
)

#: Attributes that people read or hear.
ATTRIBUTES = re.compile(r'\b(?:alt|aria-\w*label|placeholder|title)="([^"]*)"')

#: The page of the OpenAPI document is for developers, and in English as the document.
ENGLISH = {"openapi.html"}

TEMPLATES = sorted(path for path in ROOT.rglob("*.html") if path.name not in ENGLISH)

CHOICES = sorted(
    {
        each
        for module in (constants, audit)
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, Choices) and each.__module__ == module.__name__
    },
    key=lambda each: each.__name__,
)

ADMINS = [
    each for model, each in admin.site._registry.items() if model._meta.app_label == "talk_calls"
]


def untranslated(texts: Iterator[object]) -> list[str]:
    """Return those of lazy texts that are the same in English and German."""
    found = []
    for text in texts:
        with override("en"):
            english = force_str(text)
        with override("de"):
            german = force_str(text)
        if english == german and re.search("[A-Za-z]{2}", english) and english not in SAME:
            found.append(english)
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_template(path):
    """All words of a template are marked for translation."""
    html = NO_TEXT.sub("", path.read_text())
    texts = [*re.split("<[^>]*>", html), *ATTRIBUTES.findall(html)]
    assert [text.strip() for text in texts if re.search("[A-Za-z]{2}", text)] == []


@pytest.mark.parametrize("choices", CHOICES)
def test_choices(choices):
    assert untranslated(each.label for each in choices) == []


def test_admins_are_found():
    """Admins that are missing here would not be looked at."""
    assert {"CallAdmin", "ConversationAdmin"} <= {type(each).__name__ for each in ADMINS}


def texts_of_admin(model_admin: admin.ModelAdmin) -> Iterator[object]:
    opts = model_admin.opts
    yield from (opts.verbose_name, opts.verbose_name_plural)
    for name in [*model_admin.list_display, *(model_admin.fields or ())]:
        if hasattr(model_admin, name):
            yield getattr(model_admin, name).short_description
        else:
            field = opts.get_field(name)
            assert isinstance(field, Field)
            yield from (field.verbose_name, field.help_text)
    for each in model_admin.list_filter:
        yield opts.get_field(each).verbose_name if isinstance(each, str) else each.title
    for action in model_admin.actions or ():
        yield from (action.label, action.title, action.description, action.log_label)
        for field in action.form_class.base_fields.values():
            yield from (field.label, field.help_text)


@pytest.mark.parametrize("model_admin", ADMINS, ids=lambda each: type(each).__name__)
def test_admin(model_admin):
    assert untranslated(texts_of_admin(model_admin)) == []


def texts_of_command(name: str) -> set[str]:
    texts = set()
    for parser in parsers(parser_of(name)):
        texts |= {str(parser.description), str(parser.epilog)}
        texts |= {str(each.help) for each in parser._actions if each.help}
    return texts


@pytest.mark.parametrize("name", COMMANDS)
def test_command(name):
    """Each command explains itself and its options; those of Django's options are English."""
    with override("en"):
        english = texts_of_command(name)
    with override("de"):
        german = texts_of_command(name)
    assert english & german <= {"None", *texts_of_command("flush")}
