"""The services that docs/python-api.md promises to hosts exist, with these arguments."""

import inspect
import re
from importlib import import_module

from tests.reference_anchors import ROOT

PROMISED = re.findall(
    r"^\| `(\w+)\.(\w+)\((.*?)\)` \|", (ROOT / "docs/python-api.md").read_text(), re.M
)


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
