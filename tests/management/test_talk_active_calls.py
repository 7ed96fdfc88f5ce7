"""``manage.py talk_active_calls`` as operators and scripts run it."""

import json

import pytest
from django.core.management import call_command

from tests.meetings import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_calls(meeting, time_machine):
    """Return two meetings that go on at 100 s."""
    weekly, other = meeting(), meeting(name="Über <b>")
    weekly.join("Alice", 0)
    weekly.join("Alice", 5, device="phone", flags=1)
    other.join("Bob", 10, flags=9)
    weekly.ping(at(95))
    other.ping(at(97))
    time_machine.move_to(at(100), tick=False)
    return weekly, other


def test_nothing(capsys):
    """Without calls it prints that, and exits with 0, with or without --exit-code."""
    call_command("talk_active_calls")
    call_command("talk_active_calls", "--exit-code")
    assert capsys.readouterr().out == "No calls in progress\n" * 2


def test_sentence_and_table(two_calls, capsys):
    """The newest call comes first; a person with two devices is one participant."""
    weekly, other = two_calls
    call_command("talk_active_calls")
    ids = [each.conversation.calls.get().pk for each in (other, weekly)]
    tokens = [each.conversation.token for each in (other, weekly)]
    output, empty, *lines = capsys.readouterr().out.splitlines()
    assert output == "There are currently 2 calls in progress with 2 participants"
    assert empty == ""
    day, second = "2026-03-01", "Weekly Public 1 2 audio, video"
    assert [line.split() for line in lines[2:]] == [
        f"{ids[0]} {tokens[0]} Über <b> Public 1 1 phone {day} 12:00:10 0:01:30 0:00:03".split(),
        f"{ids[1]} {tokens[1]} {second} {day} 12:00:00 0:01:40 0:00:05".split(),
    ]


def test_one_call(meeting, time_machine, capsys):
    """One call with one participant is printed in the singular."""
    meeting().join("Alice", 0)
    time_machine.move_to(at(1), tick=False)
    call_command("talk_active_calls")
    output = capsys.readouterr().out.splitlines()[0]
    assert output == "There is currently 1 call in progress with 1 participant"


def test_timed_out_sessions_are_in_no_call(two_calls, time_machine, capsys):
    """A call of timed out sessions is not in progress, whether or not that was stored."""
    time_machine.move_to(at(200), tick=False)
    call_command("talk_active_calls")
    assert capsys.readouterr().out == "No calls in progress\n"


def test_exit_code(two_calls):
    """Asked for it, the command fails while calls go on."""
    with pytest.raises(SystemExit) as left:
        call_command("talk_active_calls", "--exit-code", "--json")
    assert left.value.code == 1


def test_json(two_calls, capsys):
    """One object: totals and calls."""
    call_command("talk_active_calls", "--json")
    output = json.loads(capsys.readouterr().out)
    weekly, other = (each.conversation for each in two_calls)
    assert output == {
        "as_of": "2026-03-01T12:01:40Z",
        "calls": 2,
        "participants": 2,
        "devices": 3,
        "list": [
            {
                "id": other.calls.get().pk,
                "token": other.token,
                "name": "Über <b>",
                "kind": "Public",
                "participants": 1,
                "devices": 1,
                "media": ["phone"],
                "since": "2026-03-01T12:00:10Z",
                "lasting": 90.0,
                "oldest_ping": 3.0,
                "signaling_server": "",
            },
            {
                "id": weekly.calls.get().pk,
                "token": weekly.token,
                "name": "Weekly",
                "kind": "Public",
                "participants": 1,
                "devices": 2,
                "media": ["audio", "video"],
                "since": "2026-03-01T12:00:00Z",
                "lasting": 100.0,
                "oldest_ping": 5.0,
                "signaling_server": "",
            },
        ],
        "more": 0,
    }


def test_limit(two_calls, capsys):
    """The totals count all calls; those that are not listed are counted below."""
    call_command("talk_active_calls", "--limit", "1")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "There are currently 2 calls in progress with 2 participants"
    assert (len(lines), lines[-1]) == (7, "And 1 more; --limit N shows more.")
    call_command("talk_active_calls", "--limit", "1", "--json")
    facts = json.loads(capsys.readouterr().out)
    assert (facts["calls"], len(facts["list"]), facts["more"]) == (2, 1, 1)


@pytest.mark.parametrize("calls", [1, 5])
def test_statements(meeting, time_machine, django_assert_num_queries, calls):
    """The command takes two statements, for any number of calls."""
    for _ in range(calls):
        meeting().join("Alice", 0)
    time_machine.move_to(at(1), tick=False)
    with django_assert_num_queries(2):
        call_command("talk_active_calls", "--json")


def test_as_processes(command_site):
    """The exit codes are those of the process, and the output is nothing but JSON.

    The other two commands are asked of the same site, for what it takes to make one.
    """
    quiet = command_site.manage("talk_active_calls", "--exit-code")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "No calls in progress\n", "")
    seed = "from tests.e2e.admin import seeds; seeds.live_calls(2)"
    assert command_site.manage("shell", "-c", seed).returncode == 0

    busy = command_site.manage("talk_active_calls", "--exit-code", "--json")
    assert (busy.returncode, busy.stderr) == (1, "")
    assert json.loads(busy.stdout)["calls"] == 2
    assert command_site.manage("talk_active_calls").returncode == 0

    call = command_site.manage("talk_call", "live000000", "--json")
    assert (call.returncode, json.loads(call.stdout)["people"]) == (0, 2)
    none = command_site.manage("talk_call", "alive000000")
    assert (none.returncode, none.stdout) == (1, "")
    output = (
        "There is no conversation 'alive000000'.\nHint: talk_conversation list shows all of them."
    )
    assert none.stderr == f"CommandError: {output}\n"

    history = command_site.manage("talk_history", "--json")
    assert (history.returncode, len(json.loads(history.stdout)["list"])) == (0, 2)
    assert command_site.manage("talk_history", "--since", "yesterday").returncode == 2
