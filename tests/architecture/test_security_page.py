"""docs/security.md names modules, tests and settings that exist."""

import re
from pathlib import Path

import pytest

from talk_calls.conf import DEFAULTS
from tests.reference_anchors import ROOT

PAGE = (ROOT / "docs/security.md").read_text()

#: The rows of tables whose last two columns are modules and tests.
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and line.count(" | ") == 3 and "Tested in" not in line
]

#: Settings that are not ours.
_DJANGOS = {"SECRET_KEY", "SECRET_KEY_FALLBACKS", "NUM_PROXIES"}


def _paths(cell: str) -> list[str]:
    return re.findall(r"`([\w/]+\.py)`", cell)


def test_there_are_rows():
    """The table is read: each row has an attack, what is done, by what, and where it is tested."""
    assert len(ROWS) > 25
    assert {len(row) for row in ROWS} == {4}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:40])
def test_modules_and_tests_exist(row):
    """Nothing is said to be defended by, or tested in, what is not there."""
    modules, tests = _paths(row[2]), _paths(row[3])
    assert modules
    assert tests
    assert [each for each in modules if not (ROOT / "talk_calls" / each).exists()] == []
    assert [each for each in tests if not (ROOT / "tests" / each).exists()] == []


def test_settings_exist():
    """A setting that the page names can be set."""
    named = set(re.findall(r"`([A-Z]+(?:_[A-Z]+)+)`", PAGE))
    assert len(named) > 8
    assert named - DEFAULTS.keys() - _DJANGOS == set()


def test_every_attack_is_named():
    """The page leads to everything that is in tests/attacks."""
    files = [*ROOT.glob("tests/attacks/test_*.py"), *ROOT.glob("tests/attacks/live/[!_]*.py")]
    names = {str(path.relative_to(ROOT / "tests")) for path in map(Path, files)}
    assert {name for name in names if f"`{name}`" not in PAGE} == set()
