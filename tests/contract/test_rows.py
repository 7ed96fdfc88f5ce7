"""Every row of the reference has a test, or a reason why it has none.

The rows are the anchors of behaviour 4.1–4.6 and 12: by number where the reference numbers them,
else by a name. A test binds itself to rows with ``@pytest.mark.contract("4.1/6")``.
"""

import ast
from pathlib import Path

from tests.reference_anchors import anchors, functions_of, marked_rows

SECTIONS = ("4.1/", "4.2/", "4.3/", "4.4/", "4.5/", "4.6/", "12/")
ROWS = {anchor for anchor in anchors("behaviour") if anchor.startswith(SECTIONS)}

#: Rows that no test of this directory is about.
NOT_HERE = {
    "4.3/3": "for notifications: `call_started` says so, in tests/services/test_events.py",
    "4.3/7": "notifications are the host's, by the event `call_started`",
    "4.3/8": "notifications are the host's, by the event `call_joined`",
    "4.3/9": "in tests/signaling",
    "4.4/3": "in tests/signaling",
    "4.5/guests": "only the system message counts guests; chat is not this app's job",
    "4.5/alone": "system messages are chat, which is not this app's job",
    "4.5/message": "system messages are chat, which is not this app's job",
    "4.5/actor": "system messages are chat, which is not this app's job",
    "4.5/parameters": "system messages are chat, which is not this app's job",
    "4.5/activity": "an activity stream is not this app's job",
    "4.5/text": "system messages are chat, which is not this app's job",
    "4.6/private": "in tests/api/test_rooms_change.py",
}

HERE = Path(__file__).parent


#: Every test of this directory, by module and name.
TESTS = {
    f"{path.name}::{test.name}": test
    for path in sorted(HERE.glob("test_*.py"))
    if path.name != Path(__file__).name
    for test in functions_of(path)
}
TESTED = {row for test in TESTS.values() for row in marked_rows(test)}


def test_every_row_has_a_test_or_a_reason():
    """Each row has either a test or a reason why it has none."""
    assert [row for row in sorted(ROWS) if (row in TESTED) == (row in NOT_HERE)] == []


def test_rows_are_known():
    """A test cannot be bound to a row that does not exist."""
    assert TESTED | NOT_HERE.keys() <= ROWS


def test_every_contract_test_names_its_row_and_its_rule():
    """Each contract test has a marker with its rows and a docstring with its rule."""
    silent = [
        name for name, test in TESTS.items() if not marked_rows(test) or not ast.get_docstring(test)
    ]
    assert silent == []
