"""Tables and violations as text."""

from tests.race.report import table, violation_lines


def test_table():
    """Names to the left, figures to the right."""
    assert table([("calls", 1234), ("database", "sqlite")]) == (
        "calls      1,234\ndatabase  sqlite"
    )


def test_violation_lines():
    """Only what is violated, and only the first rows of it."""
    lines = violation_lines(
        {"nothing_is_wrong": [], "no_event_waits": [str(row) for row in range(12)]}
    )
    assert lines[0] == "VIOLATED: no event waits (12)"
    assert lines[1:3] == ["    0", "    1"]
    assert lines[-1] == "    and 2 more"
    assert len(lines) == 12
