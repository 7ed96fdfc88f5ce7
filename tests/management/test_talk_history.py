"""``manage.py talk_history``: which calls there were."""

import json

import pytest
from django.core.management import CommandError, call_command

from talk_calls.models import Call
from tests.meetings import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def calls(meeting, time_machine):
    """Return three calls of two meetings, the oldest first; the last is running at 310 s."""
    weekly, other = meeting(token="weekly"), meeting(token="other")
    weekly.join("Alice", 0)
    weekly.join("Bob", 10)
    weekly.leave("Bob", 20)
    weekly.leave("Alice", 30)
    other.join("Carol", 100)
    other.leave("Carol", 130)
    weekly.join("Bob", 300)
    time_machine.move_to(at(310), tick=False)
    return weekly, list(Call.objects.order_by("pk"))


def listed(capsys, *arguments: str) -> list[int]:
    call_command("talk_history", *arguments, "--json")
    return [call["id"] for call in json.loads(capsys.readouterr().out)["list"]]


def test_table(calls, capsys):
    """The newest call comes first; a running one has no end."""
    _, (first, second, third) = calls
    call_command("talk_history")
    lines = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()[2:]]
    day, left = "2026-03-01", "Left the call"
    assert lines == [
        f"{third.pk} weekly Weekly {day} 12:05:00 – 0:00:10 1 Goes on –",
        f"{second.pk} other Weekly {day} 12:01:40 {day} 12:02:10 0:00:30 1 {left} Carol",
        f"{first.pk} weekly Weekly {day} 12:00:00 {day} 12:00:30 0:00:30 2 {left} Alice",
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], [2, 1, 0]),
        (["--since", "2026-03-01T12:00:30Z"], [2, 1, 0]),
        (["--since", "2026-03-01T12:00:31Z"], [2, 1]),
        (["--since", "2m"], [2]),
        (["--until", "2026-03-01T12:01:40Z"], [0]),
        (["--since", "2026-03-01T12:01:00Z", "--until", "2026-03-01T12:03:00Z"], [1]),
        (["--conversation", "weekly"], [2, 0]),
        (["--limit", "1"], [2]),
    ],
)
def test_which(calls, capsys, arguments, expected):
    """Calls that overlap the time, of a conversation, and so many."""
    _, rows = calls
    assert listed(capsys, *arguments) == [rows[index].pk for index in expected]


def test_of_somebody(calls, capsys):
    """A user is found by the account, and once that is gone by the name it had."""
    weekly, rows = calls
    user = weekly.people["Alice"].user
    name = user.username
    assert listed(capsys, "--user", name) == [rows[0].pk]
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert listed(capsys, "--user", name) == [rows[0].pk]
    type(user).objects.filter(pk=user.pk).update(username="alicia", is_active=True)
    assert listed(capsys, "--user", "alicia") == [rows[0].pk]


def test_nobody_of_that_name(calls):
    """A name that nobody has or had is a mistake."""
    with pytest.raises(CommandError, match="There is no active user 'nobody'"):
        call_command("talk_history", "--user", "nobody")


def test_there_is_more(calls, capsys):
    """A line states how many calls the limit hides; in JSON it is a number."""
    call_command("talk_history", "--limit", "1")
    assert capsys.readouterr().out.splitlines()[-2:] == ["", "And 2 more; --limit N shows more."]
    for limit, more in (("1", 2), ("3", 0)):
        call_command("talk_history", "--limit", limit, "--json")
        assert json.loads(capsys.readouterr().out)["more"] == more


def test_a_call_that_timed_out(calls, time_machine, capsys):
    """It ended at the last timeout, before and after that is stored."""
    time_machine.move_to(at(400), tick=False)
    call_command("talk_history", "--limit", "1", "--json")
    [last] = json.loads(capsys.readouterr().out)["list"]
    assert (last["ended"], last["seconds"]) == ("2026-03-01T12:05:30Z", 30.0)
    assert (last["reason"], last["ended_by"]) == ("timeout", "")


def test_nothing(capsys):
    """An empty history is printed as such, and is no failure."""
    call_command("talk_history")
    assert capsys.readouterr().out == "No calls.\n"


@pytest.mark.parametrize("limit", ["0", "-1", "x"])
def test_a_limit_is_a_number(limit):
    """Fewer than one call are none."""
    with pytest.raises(CommandError, match="no number above 0"):
        call_command("talk_history", f"--limit={limit}")


def test_statements(calls, django_assert_num_queries):
    """One statement, however many calls; another one counts those that are not listed."""
    with django_assert_num_queries(1):
        call_command("talk_history")
    with django_assert_num_queries(2):
        call_command("talk_history", "--limit", "1")
