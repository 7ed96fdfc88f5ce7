"""Tables that people can read on a terminal."""

from datetime import timedelta

import pytest

from talk_calls.management.tables import Key, TextKey, cell, table, terminal_width
from talk_calls.management.widths import display_width

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
HEADINGS = ("call", "token", "conversation", "people", "for", "why", "by")
ROWS = [
    [
        Key(1000),
        TextKey("d6qx8bmbe7me9"),
        "Weekly meeting of the whole department, every Monday at nine",
        1200,
        timedelta(seconds=3725),
        "The call was ended for everyone",
        "Person 1",
    ],
    [Key(1), None, "会議室で毎週月曜日に開催される全社ミーティング", 3, timedelta(0), "Left", None],
    [Key(2), TextKey("abc"), f"{FAMILY} Familie Mu\u0308ller", 1, None, "Stopped pinging", "Bob"],
]


@pytest.fixture
def on_terminal():
    """Return a function that makes a table for a terminal of so many columns."""

    def lines(columns: int | None, **kwargs) -> list[str]:
        token = terminal_width.set(columns)
        try:
            return table(HEADINGS, ROWS, **kwargs)
        finally:
            terminal_width.reset(token)

    return lines


def test_amounts_are_grouped_and_keys_are_not():
    """What names a row is typed in again as it stands."""
    assert [cell(value) for value in (1234567, Key(1234567))] == ["1,234,567", "1234567"]


def test_table():
    """Numbers and spans stand on the right; what is empty is a dash."""
    rows = [("Ann\x1b[2J", 3, timedelta(seconds=3725), None), ("Ben", 1200, None, "yes")]
    assert table(("who", "legs", "for", "in"), rows) == [
        "Who       Legs      For  In",
        "-------  -----  -------  ---",
        "Ann?[2J      3  1:02:05  –",
        "Ben      1,200        –  yes",
    ]


def test_nothing_is_no_table():
    """Without rows no heading is printed."""
    assert table(("who",), []) == []


def test_80_columns(on_terminal):
    """The widest texts are cut, by what is drawn; numbers and keys are whole."""
    lines = on_terminal(80)
    assert lines == [
        "Call  Token          Conversation     People      For  Why              By",
        "----  -------------  ---------------  ------  -------  ---------------  --------",
        "1000  d6qx8bmbe7me9  Weekly meeting…   1,200  1:02:05  The call was e…  Person 1",
        "   1  –              会議室で毎週月…       3  0:00:00  Left             –",
        f"   2  abc            {FAMILY} Familie Mu\u0308l…       1        –  Stopped pinging  Bob",
    ]
    assert all(display_width(line) <= 80 for line in lines)


WHOLE = [
    "Call  Token          Conversation                                                  "
    "People      For  Why                              By",
    "----  -------------  ------------------------------------------------------------  "
    "------  -------  -------------------------------  --------",
    "1000  d6qx8bmbe7me9  Weekly meeting of the whole department, every Monday at nine  "
    " 1,200  1:02:05  The call was ended for everyone  Person 1",
    "   1  –              会議室で毎週月曜日に開催される全社ミーティング                "
    "     3  0:00:00  Left                             –",
    f"   2  abc            {FAMILY} Familie Mu\u0308ller{' ' * 45}"
    "     1        –  Stopped pinging                  Bob",
]


@pytest.mark.parametrize("columns", [200, None])
def test_whole(on_terminal, columns):
    """With room for all, and where output is no terminal, nothing is cut."""
    assert on_terminal(columns) == WHOLE


def test_expendable_columns(on_terminal):
    """Where cutting is not enough, columns are left out in order, and named below."""
    assert on_terminal(70, expendable=("for", "by")) == [
        "Call  Token          Conversation    People  Why             By",
        "----  -------------  --------------  ------  --------------  --------",
        "1000  d6qx8bmbe7me9  Weekly meetin…   1,200  The call was…   Person 1",
        "   1  –              会議室で毎週…        3  Left            –",
        f"   2  abc            {FAMILY} Familie Mu\u0308…       1  Stopped pingi…  Bob",
        "",
        "Left out, as the terminal is narrow: For. --json has everything.",
    ]


def test_very_narrow(on_terminal):
    """Each row is a list of whole values."""
    assert on_terminal(40)[:9] == [
        "Call:         1000",
        "Token:        d6qx8bmbe7me9",
        "Conversation: Weekly meeting of the whole department, every Monday at nine",
        "People:       1,200",
        "For:          1:02:05",
        "Why:          The call was ended for everyone",
        "By:           Person 1",
        "",
        "Call:         1",
    ]
