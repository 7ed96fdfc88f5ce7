"""Commands on terminals of some widths, in a pipe, and in German."""

import pytest

NAME = "会議室で毎週月曜日に開催される全社ミーティング Zoe\u0308"

SEED = f"""
from talk_calls.models import Call
from tests.factories import ConversationFactory
from datetime import UTC, datetime
room = ConversationFactory(name={NAME!r}, token="weekly0000000")
start, end = (datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in (9, 10))
Call.objects.create(
    pk=1234, conversation=room, conversation_name=room.name, started_at=start, ended_at=end,
    end_reason="ended_for_all", ended_by_name="Alexandra Konstantinopoulou",
    ended_by_type="users", ended_by_id="alex",
)
"""

ZONE = "America/Chicago"  # of the demo, which sets none
WHOLE = [
    "Call  Token          Conversation                                        "
    f"Started ({ZONE})  Ended                    For  People  "
    "Why                              By",
    "----  -------------  --------------------------------------------------  "
    "-------------------------  -------------------  -------  ------  "
    "-------------------------------  ---------------------------",
    f"1234  weekly0000000  {NAME}  "
    "2026-03-01 03:00:00        2026-03-01 04:00:00  1:00:00       0  "
    "The call was ended for everyone  Alexandra Konstantinopoulou",
]


@pytest.fixture
def site(command_site):
    """Return a site with a call whose names are wide and long."""
    seeded = command_site.manage("shell", "--no-imports", "-c", SEED)
    assert seeded.returncode == 0, seeded.stderr
    return command_site


def lines_on(site, columns: int, *arguments: str, **environment: str) -> list[str]:
    terminal = site.on_a_terminal(*arguments, columns=columns, **environment)
    assert terminal.end() == 0, terminal.text
    return terminal.text.splitlines()


def test_history_in_a_pipe(site):
    """Programs get whole values, whatever the environment says about columns."""
    for columns in ({}, {"COLUMNS": "40"}):
        site.environment |= columns
        assert site.manage("talk_history").stdout.splitlines() == WHOLE


def test_history_on_terminals(site):
    """All where there is room for it; else texts are cut, columns left out, or rows are lists."""
    assert lines_on(site, 200, "talk_history") == WHOLE
    assert lines_on(site, 80, "talk_history", COLUMNS="200") == WHOLE
    assert lines_on(site, 80, "talk_history") == [
        "Call  Token          Conversation   Started                  For  Why",
        "----  -------------  -------------  -------------------  -------  -------------",
        "1234  weekly0000000  会議室で毎週…  2026-03-01 03:00:00  1:00:00  The call was…",
        "",
        "Left out, as the terminal is narrow: Ended, By, People. --json has everything.",
        f"Times are those of {ZONE}.",
    ]
    assert lines_on(site, 30, "talk_history") == [
        "Call:                      1234",
        "Token:                     weekly0000000",
        f"Conversation:              {NAME}",
        f"Started ({ZONE}): 2026-03-01 03:00:00",
        "Ended:                     2026-03-01 04:00:00",
        "For:                       1:00:00",
        "People:                    0",
        "Why:                       The call was ended for everyone",
        "By:                        Alexandra Konstantinopoulou",
    ]
