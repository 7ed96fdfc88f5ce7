"""The files of deploy/, with the ports and secrets of a test in them.

Servers of tests are started from these very files: one that a server does not take fails tests.
"""

import re
from collections.abc import Mapping
from pathlib import Path

DEPLOY = Path(__file__).parents[2] / "deploy"


def sample(name: str, values: Mapping[str, object] | None = None, *, more: str = "") -> str:
    """Return a file of deploy/ with other values, and more at its end.

    ``values`` maps keys, as at the beginning of a line, to what stands after ``=`` or ``:``. Each
    must be in the file, once.
    """
    text = (DEPLOY / name).read_text()
    for key, value in (values or {}).items():
        text = _with_value(name, text, key, str(value))
    return text + more


def sample_with_parts(name: str, parts: Mapping[str, str]) -> str:
    """Return a file of deploy/ in which other text replaces parts of it, which must be there."""
    text = (DEPLOY / name).read_text()
    for part, other in parts.items():
        assert part in text, f"deploy/{name} lacks {part!r}"
        text = text.replace(part, other)
    return text


def _with_value(name: str, text: str, key: str, value: str) -> str:
    line = re.compile(rf"^([ \t]*{re.escape(key)}[ \t]*[=:][ \t]*)\S.*$", re.MULTILINE)
    changed, found = line.subn(lambda match: match[1] + value, text)
    assert found == 1, f"deploy/{name} sets {key} {found} times"
    return changed
