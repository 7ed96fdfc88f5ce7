"""The recipes of docs/integrate.md, which the sites here are made of."""

import re
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "integrate.md"
_BLOCK = re.compile(r"^```\w+ ([\w-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks() -> dict[str, str]:
    """Return the code of each named block of the page, by its name."""
    return dict(_BLOCK.findall(PAGE.read_text()))


def use(name: str, module: dict[str, Any]) -> None:
    """Execute a block in the namespace of a module, as a reader who pastes it there."""
    exec(compile(blocks()[name], f"{PAGE.name}: {name}", "exec"), module)  # noqa: S102 -- our own page
