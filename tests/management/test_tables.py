"""Tables that people can read on a terminal."""

from datetime import timedelta

from talk_calls.management.tables import Key, cell, table


def test_amounts_are_grouped_and_keys_are_not():
    """What names a row is typed in again as it stands."""
    assert [cell(value) for value in (1234567, Key(1234567))] == ["1,234,567", "1234567"]


def test_table():
    """Numbers and spans stand on the right; what is empty is a dash."""
    rows = [("Ann\x1b[2J", 3, timedelta(seconds=3725), None), ("Ben", 1200, timedelta(0), "yes")]
    assert table(("who", "legs", "for", "in"), rows) == [
        "who       legs      for  in",
        "-------  -----  -------  ---",
        "Ann?[2J      3  1:02:05  –",
        "Ben      1,200  0:00:00  yes",
    ]


def test_nothing_is_no_table():
    """Without rows no heading is printed."""
    assert table(("who",), []) == []
