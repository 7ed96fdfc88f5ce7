"""The pages of docs/, whose named code blocks tests execute: ```` ```python name ````.

The first page is ``../README.md``.
"""

import re
import sys
from types import ModuleType

import pytest

from tests.reference_anchors import ROOT

_BLOCK = re.compile(r"^```\w+ ([\w-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> dict[str, str]:
    """Return the code of each named block of a page of docs/, by its name."""
    return dict(_BLOCK.findall((ROOT / "docs" / page).read_text()))


def run(page: str, name: str, values: dict[str, object]) -> None:
    """Execute a block with these names, as a reader who pastes it among them."""
    exec(compile(blocks(page)[name], f"{page}: {name}", "exec"), values)  # noqa: S102 -- our docs


def pasted(monkeypatch: pytest.MonkeyPatch, page: str, name: str, module: str) -> ModuleType:
    """Return a module that has just been made of a block; settings can name what is in it."""
    made = ModuleType(module)
    run(page, name, vars(made))
    monkeypatch.setitem(sys.modules, module, made)
    return made
