"""A German reader finds no English text: in templates, choices, modules, the admin and commands."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.contrib import admin
from django.db.models import Choices, Field
from django.utils.encoding import force_str
from django.utils.translation import override

from tests.management.test_help import COMMANDS, parser_of, parsers
from tests.test_translations import FUNCTIONS, GERMAN, ROOT, german_of

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


def choices_below(base: type[Choices]) -> Iterator[type[Choices]]:
    """Yield all choices of this app."""
    for each in base.__subclasses__():
        yield from choices_below(each)
        if each.__module__.startswith("talk_calls."):
            yield each


CHOICES = sorted(choices_below(Choices), key=lambda each: each.__name__)

#: Modules whose texts people read on pages, in mails and on a terminal. What apps read, what
#: developers read (checks, errors of programming) and what is logged is English.
READ = [
    path
    for package in (
        "accounts",
        "admin",
        "call_page",
        "chat",
        "contrib",
        "health",
        "management",
        "reports",
        "services",
        "templatetags",
    )
    for path in sorted((ROOT / package).rglob("*.py"))
]

#: English sentences that nobody reads in another language: the history of the admin, and the answer
#: to a form that no browser sends.
ENGLISH_SENTENCES = {"the app password of ", "The decision is either grant or deny."}

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


def sentences(path: Path) -> Iterator[str]:
    """Yield texts of three words and more that are not marked, logged, raised or docstrings."""
    tree = ast.parse(path.read_text())
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            passed.add(id(node.value))
        elif isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and is_passed(node.func)):
            passed |= {id(each) for each in ast.walk(node)}
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in passed
        ) and re.search("[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", node.value):
            yield node.value


def is_passed(function: ast.expr) -> bool:
    """Tell whether a call translates a text, or logs it."""
    if isinstance(function, ast.Attribute):
        return isinstance(function.value, ast.Name) and function.value.id == "logger"
    return isinstance(function, ast.Name) and function.id in FUNCTIONS


@pytest.mark.parametrize("path", READ, ids=lambda path: str(path.relative_to(ROOT)))
def test_module(path):
    """All sentences of a module are marked for translation."""
    assert set(sentences(path)) <= ENGLISH_SENTENCES


def test_choices_are_found():
    """Choices that are missing here would not be looked at."""
    assert {"AuditAction", "ConversationType"} <= {each.__name__ for each in CHOICES}


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


def test_a_ban_is_no_lock():
    """Conversations are locked ("gesperrt"), people are banned ("ausgeschlossen")."""
    for entry in polib.pofile(str(GERMAN)):
        german = " ".join(german_of(entry))
        if re.search(r"\b[Bb]an(s|ned|ning)?\b", entry.msgid):
            assert not re.search("[Ss]perr", german), german
        if re.search(r"\b[Ll]ock(s|ed|ing)?\b", entry.msgid):
            assert not re.search("ausschl|ausgeschl|Ausschl", german), german
