"""``manage.py talk_call``: one call in detail."""

import json

import pytest
from django.core.management import CommandError, call_command

from talk_calls.models import Call
from tests.factories import ConversationFactory
from tests.meetings import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def weekly(meeting, time_machine):
    """Return a meeting with a call that ended, and one that is running at 210 s."""
    weekly = meeting(token="weekly")
    weekly.join("Alice", 0)
    weekly.join("Bob", 30, flags=1)
    weekly.leave("Alice", 60)
    weekly.leave("Bob", 120)
    weekly.join("Carol\x1b[2J", 200)
    time_machine.move_to(at(210), tick=False)
    return weekly


def printed(capsys) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_token_means_the_call_that_runs(weekly, capsys):
    """A name of somebody else's choice does not move the cursor."""
    call_command("talk_call", "weekly")
    call = Call.objects.get(ended_at=None)
    assert printed(capsys) == [
        f"Call:         {call.pk}",
        "Conversation: Weekly (weekly)",
        "Started:      2026-03-01 12:03:20 UTC, by Carol[2J",
        "Ended:        –",
        "Why:          Goes on",
        "Duration:     0:00:10",
        "People:       1, at most 1 at the same time",
        "Media:        audio, video",
        "Resumes:      –",
        "",
        "Who       As    Device  Joined (UTC)         Left      For  Why       Media         When",
        "--------  ----  ------  -------------------  ----  -------  --------  ------------"
        "  --------------------------------",
        "Carol[2J  User       1  2026-03-01 12:03:20  –     0:00:10  Still in  audio, video"
        "  |##############################|",
    ]


def test_a_number_means_a_call_of_history(weekly, capsys):
    """A number names a call of the history; bars show when each session was in."""
    first = Call.objects.get(ended_at__isnull=False)
    call_command("talk_call", str(first.pk))
    lines = printed(capsys)
    assert lines[3:7] == [
        "Ended:        2026-03-01 12:02:00 UTC, by Bob",
        "Why:          Left the call",
        "Duration:     0:02:00",
        "People:       2, at most 2 at the same time",
    ]
    assert [line.split("  ")[0] for line in lines[-2:]] == ["Alice", "Bob"]
    assert [line.split()[-1] for line in lines[-2:]] == [
        f"|{'#' * 15}{'.' * 15}|",
        f"|{'.' * 7}{'#' * 22}.|",
    ]


def test_a_token_means_the_last_call_where_none_runs(weekly, capsys):
    """The timeouts are shown as they will be stored."""
    weekly.time_out("Carol\x1b[2J", 170)
    call_command("talk_call", "weekly")
    assert printed(capsys)[3:5] == [
        "Ended:        2026-03-01 12:03:20 UTC, by –",
        "Why:          Stopped pinging",
    ]


def test_json(weekly, capsys):
    """The JSON has all that is printed, with the legs and events."""
    call = Call.objects.get(ended_at__isnull=False)
    call_command("talk_call", str(call.pk), "--json")
    legs = [
        {
            "name": name,
            "type": "users",
            "identifier": weekly.people[name].user.username,
            "device": 1,
            "joined": joined,
            "left": left,
            "seconds": seconds,
            "reason": "left",
            "media": media,
        }
        for name, joined, left, seconds, media in [
            ("Alice", "2026-03-01T12:00:00Z", "2026-03-01T12:01:00Z", 60, ["audio", "video"]),
            ("Bob", "2026-03-01T12:00:30Z", "2026-03-01T12:02:00Z", 90, []),
        ]
    ]
    assert json.loads(capsys.readouterr().out) == {
        "id": call.pk,
        "conversation": {"token": "weekly", "name": "Weekly"},
        "as_of": "2026-03-01T12:03:30Z",
        "started": "2026-03-01T12:00:00Z",
        "ended": "2026-03-01T12:02:00Z",
        "seconds": 120.0,
        "started_by": "Alice",
        "ended_by": "Bob",
        "reason": "left",
        "people": 2,
        "peak": 2,
        "media": ["audio", "video"],
        "resumes": None,
        "signaling_server": "",
        "legs": legs,
        "events": [
            {"at": "2026-03-01T12:00:00Z", "what": "Call started", "who": "Alice"},
            {"at": "2026-03-01T12:00:00Z", "what": "Joined", "who": "Alice"},
            {"at": "2026-03-01T12:00:30Z", "what": "Joined", "who": "Bob"},
            {"at": "2026-03-01T12:01:00Z", "what": "Left the call", "who": "Alice"},
            {"at": "2026-03-01T12:02:00Z", "what": "Left the call", "who": "Bob"},
            {"at": "2026-03-01T12:02:00Z", "what": "Call ended: Left the call", "who": "Bob"},
        ],
    }


def test_of_a_deleted_conversation(weekly, capsys):
    """History outlives it; only the number is left to find it by."""
    call = Call.objects.get(ended_at__isnull=False)
    Call.objects.exclude(pk=call.pk).delete()
    weekly.conversation.delete()
    call_command("talk_call", str(call.pk))
    assert printed(capsys)[1] == "Conversation: Weekly (deleted)"


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("0", "There is no call 0.\nHint: talk_history shows the latest calls."),
        ("9" * 30, f"There is no call {'9' * 30}.\nHint: talk_history shows the latest calls."),
        ("quiet", "There was no call in 'quiet' yet."),
        ("quiett", "There is no conversation 'quiett'.\nHint: Did you mean 'quiet'?"),
    ],
)
def test_nothing_there(db, named, words):
    """An unknown token or number is refused with a sentence."""
    ConversationFactory(token="quiet")
    with pytest.raises(CommandError) as refused:
        call_command("talk_call", named)
    assert str(refused.value) == words
