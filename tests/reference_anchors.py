"""The reference in docs/reference as the tests see it: its anchors, and who cites them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"

#: What a citation calls a page, and the files that hold its sections.
PAGES = {
    "behaviour": ["behaviour.md"],
    "clients": ["clients.md"],
    "constants": ["constants.md"],
    "contract": ["contract.md"],
    "signaling-server": ["signaling-server.md", "signaling-server-lab.md"],
}

#: One place in a page: a section, with a row of its table where there is one, such as "4.1/6".
_PLACE = r"\d+(?:\.\d+)?(?:/[\w-]+)?"
_CITATION = re.compile(
    rf"(?<![\w-])({'|'.join(PAGES)}) ({_PLACE}(?:(?:, | and |–){_PLACE})*)(?![\w/]|\.\w)"
)

_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')


def anchors(page: str) -> set[str]:
    """Return the places of a page, as citations and markers name them: "4.1", "4.1/6"."""
    return {
        anchor.replace("-", "/", 1)
        for file in PAGES[page]
        for anchor in _ANCHOR.findall((REFERENCE / file).read_text())
    }


def citations(text: str) -> Iterator[tuple[str, str]]:
    """Return each page and place that a text cites; "4.1/1, 2" are two rows of one section."""
    for page, places in _CITATION.findall(text):
        section = ""
        for place in re.split(r", | and |–", places):
            is_row = section and re.fullmatch(r"\d+", place)
            yield page, f"{section}/{place}" if is_row else place
            section = place.partition("/")[0] if "/" in place else section


def marked_rows(test: ast.FunctionDef) -> list[str]:
    """Return the rows that a test is bound to by ``@pytest.mark.contract("4.1/6")``."""
    return [
        argument.value
        for decorator in test.decorator_list
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.contract"
        for argument in decorator.args
        if isinstance(argument, ast.Constant)
    ]


def functions_of(path: Path) -> Iterator[ast.FunctionDef]:
    """Return the tests of a module, read from its source and not from what was selected."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield node
