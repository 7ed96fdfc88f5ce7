"""Every recipe of docs/integrate.md is executed somewhere."""

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from tests.pages import blocks, run

TESTS = Path(__file__).resolve().parents[1]
PAGE = "integrate.md"
#: Names of blocks stand in quotes where they are executed, or in a table of those that are.
EXECUTED = {
    name
    for path in TESTS.rglob("*.py")
    for name in re.findall(
        r'(?:(?:run\(|pasted\(\w+, )(?:PAGE|"integrate.md"), |"\)\[|^    )"([\w-]+)"',
        path.read_text(),
        re.MULTILINE,
    )
}


@pytest.mark.parametrize("name", sorted(blocks(PAGE)))
def test_each_block_is_executed(name):
    """A block with a name is used by a site or a test; those without are one line of settings."""
    assert name in EXECUTED


def test_a_directory_of_ones_own():
    """The example lets staff in, and nobody else."""
    made: dict = {}
    run(PAGE, "directory", made)
    directory = made["StaffDirectory"]()
    assert directory.may_use_talk(User(is_staff=True))
    assert not directory.may_use_talk(User())
