"""What docs/python-api.md promises to hosts exists, with these arguments."""

import inspect
import re
from functools import reduce
from importlib import import_module

import pytest

from talk_calls import models, rooms
from talk_calls.templatetags.talk_calls import register
from tests.reference_anchors import ROOT

PAGE = (ROOT / "docs/python-api.md").read_text()
#: Functions of services: module, name, arguments.
PROMISED = re.findall(r"^\| `([a-z]\w+)\.(\w+)\((.*?)\)` \|", PAGE, re.M)
#: Functions of `talk_calls.rooms` that have a section of their own in docs/rooms.md.
EXPLAINED = {"register", "unregister"}


def arguments(function: object) -> str:
    """Return the arguments as the page writes them: ``=…`` where one may be left out."""
    return ", ".join(
        parameter.name + ("" if parameter.default is parameter.empty else "=…")
        for parameter in inspect.signature(function).parameters.values()
    )


def test_promised_services_have_the_promised_arguments():
    """The documented signatures of services are those of the code."""
    actual = [
        (module, name, arguments(getattr(import_module(f"talk_calls.services.{module}"), name)))
        for module, name, _ in PROMISED
    ]
    assert len(PROMISED) > 30
    assert actual == PROMISED


def test_no_promised_service_wants_the_time():
    """Hosts need no clock: `now` is for callers that read it already."""
    assert [name for _, name, given in PROMISED if re.search(r"\bnow\b(?!=)", given)] == []


def test_rooms_has_what_is_promised():
    """The page names exactly what `talk_calls.rooms` has, and each of them can be imported."""
    section = PAGE.partition("## Rooms")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.M)
    promised = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(promised) == sorted(rooms.__all__)
    assert all(hasattr(rooms, name) for name in promised)


def test_functions_of_rooms_have_the_promised_arguments():
    """The table of docs/rooms.md has the signatures, but for `now`, which nobody needs."""
    page = (ROOT / "docs/rooms.md").read_text()
    rows = re.findall(r"^\| `(\w+)\((.*?)\)` \| [A-Z]", page, re.M)
    functions = {name: given for name, given in rows if name in rooms.__all__}
    there = {name for name in rooms.__all__ if inspect.isfunction(getattr(rooms, name))}
    assert set(functions) == there - EXPLAINED
    del functions["create"]  # a service, with more arguments
    assert functions == {name: written(getattr(rooms, name)) for name in functions}


def written(function: object) -> str:
    """Return the arguments as docs/rooms.md writes them, without types and without ``now``."""
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(annotation=parameter.empty)
        for name, parameter in signature.parameters.items()
        if name != "now"
    ]
    return str(inspect.Signature(parameters))[1:-1]


def test_template_tags_are_those_promised():
    """The page names the tags of `{% load talk_calls %}`."""
    [line] = re.findall(r"^`{% load talk_calls %}` has (.*)\.$", PAGE, re.M)
    assert sorted(re.findall(r"`(\w+)`", line)) == sorted(register.tags)


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(talk_calls(?:\.\w+)+)", PAGE))))
def test_promised_names_are_there(path):
    """Every dotted path on the page is a module, or something in one."""
    module, _, name = path.rpartition(".")
    try:
        import_module(path)
    except ImportError:
        assert hasattr(import_module(module), name)


@pytest.mark.parametrize(
    "path", re.findall(r"^\| `((?:Session|Call|Conversation)\..*?)[(`]", PAGE, re.M)
)
def test_promised_members_of_models_are_there(path):
    """The table of querysets and properties."""
    reduce(getattr, path.split("."), models)
