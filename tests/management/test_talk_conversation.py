"""``manage.py talk_conversation``: a whole change or none."""

import io
import json
import sys
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.auth.models import Group
from django.core.management import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from talk_calls.models import Attendee, Call, Conversation
from talk_calls.services import calls
from tests.factories import (
    AttendeeFactory,
    ConversationFactory,
    GuestFactory,
    SessionFactory,
    UserFactory,
)


@pytest.fixture(autouse=True)
def _people(db):
    staff = Group.objects.create(name="Staff")
    for name in ("alice", "bob", "carol"):
        UserFactory(username=name)
    UserFactory(username="dave").groups.add(staff)


def roles(room):
    rows = room.attendees.exclude(user=None).order_by("user__username")
    return dict(rows.values_list("user__username", "participant_type"))


def refused(run, *arguments):
    with pytest.raises(CommandError) as error:
        run("talk_conversation", *arguments)
    return str(error.value).splitlines()


def test_create(run):
    """Everything at once; who is owner or moderator need not be named as a user too."""
    output = run(
        *["talk_conversation", "create", " Weekly meeting ", "--public", "--readonly"],
        *["--description", "Mondays", "--listable", "1", "--password", "secret"],
        *["--owner", "alice", "--moderator", "bob", "--user", "bob", "--user", "carol"],
        *["--group", "Staff"],
    )
    room = Conversation.objects.get()
    assert output == [
        "The conversation was created.",
        f"Its token is {room.token}.",
        f"Its page is /call/{room.token}.",
    ]
    fields = ("name", "type", "description", "read_only", "listable")
    assert [getattr(room, field) for field in fields] == ["Weekly meeting", 3, "Mondays", 1, 1]
    assert check_password("secret", room.password)
    assert roles(room) == {"alice": 1, "bob": 2, "carol": 3, "dave": 3}


def test_create_plain(run):
    """A name is enough; nobody is in it then."""
    shown = run("talk_conversation", "create", "Weekly", "--json")
    room = Conversation.objects.get()
    assert shown == {
        "token": room.token,
        "name": "Weekly",
        "type": "Group",
        "attendees": 0,
        "call": False,
        "locked": False,
        "lobby": False,
        "last_activity": shown["last_activity"],
        "description": "",
        "linked": "nothing",
        "listable": "Participants only",
        "lobby_until": None,
        "password": False,
        "permissions": "everything but: pass the lobby (from: site)",
        "created": shown["created"],
        "members": [],
        "more": 0,
        "calls": [],
    }


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            [" "],
            [
                "The conversation cannot have this name.",
                "Hint: A name needs something that can be seen.",
            ],
        ),
        (
            ["x" * 256],
            [
                "The conversation cannot have this name.",
                "Hint: The name is longer than 255 characters.",
            ],
        ),
        (
            ["x", "--description", "x" * 2001],
            [
                "The conversation cannot have this description.",
                "Hint: The description is longer than 2000 characters.",
            ],
        ),
        (["x", "--password", "y"], ["Only public conversations have a password."]),
        (["x", "--user", "alice", "--user", "eve"], ["There is no active user 'eve'."]),
        (["x", "--owner", "eve"], ["There is no active user 'eve'."]),
        (["x", "--moderator", "eve"], ["There is no active user 'eve'."]),
        (["x", "--user", "alice", "--group", "eve"], ["There is no group 'eve'."]),
    ],
)
def test_create_keeps_nothing_of_a_mistake(run, arguments, lines):
    """One unknown name and there is no conversation."""
    assert refused(run, "create", *arguments)[: len(lines)] == lines
    assert not Conversation.objects.exists()
    assert not Attendee.objects.exists()


def test_update(run):
    """What is named changes, and nothing else."""
    room = ConversationFactory(type=2)
    for name, role in (("alice", 1), ("bob", 3)):
        user = UserFactory._meta.model.objects.get(username=name)
        AttendeeFactory(conversation=room, user=user, participant_type=role)
    output = run(
        *["talk_conversation", "update", room.token, "--name", "New", "--description", "Words"],
        *["--public", "1", "--readonly", "1", "--listable", "2", "--password", "secret"],
        *["--owner", "bob"],
    )
    assert output == ["The conversation was changed."]
    room.refresh_from_db()
    fields = ("name", "type", "description", "read_only", "listable")
    assert [getattr(room, field) for field in fields] == ["New", 3, "Words", 1, 2]
    assert check_password("secret", room.password)
    assert roles(room) == {"alice": 3, "bob": 1}
    run("talk_conversation", "update", room.token, "--password", "", "--owner", "", "--json")
    room.refresh_from_db()
    assert (room.name, room.password) == ("New", "")
    assert roles(room) == {"alice": 3, "bob": 3}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Nothing to change."),
        (["--name", ""], "The conversation cannot have this name."),
        (["--name", "x" * 256], "The conversation cannot have this name."),
        (["--description", "x" * 2001], "The conversation cannot have this description."),
        (["--name", "New", "--owner", "eve"], "There is no active user 'eve'."),
        (["--name", "New", "--owner", "alice"], "User 'alice' is no participant."),
        (["--name", "New", "--public", "0", "--password", "x"], "Only public conversations have"),
    ],
)
def test_update_keeps_nothing_of_a_mistake(run, arguments, words):
    """What was changed before the mistake is as it was."""
    room = ConversationFactory()
    before = Conversation.objects.values("name", "type", "description", "password").get()
    assert refused(run, "update", room.token, *arguments)[0].startswith(words)
    now = Conversation.objects.values("name", "type", "description", "password").get()
    assert now == before


@pytest.mark.parametrize("deed", ["update", "delete"])
def test_a_pair_stays_a_pair(run, deed):
    """One-to-one conversations are managed by nobody."""
    room = ConversationFactory(type=1)
    assert refused(run, deed, room.token)[0] == f"{room.token!r} is a one-to-one conversation."
    assert refused(run, deed, "nowhere")[0] == "There is no conversation 'nowhere'."


def test_locking_ends_the_call(run):
    """As it does in the API."""
    session = SessionFactory()
    calls.join(session=session, flags=7, now=timezone.now())
    run("talk_conversation", "update", session.conversation.token, "--readonly", "1")
    assert Call.objects.get().end_reason == "read_only"


def test_a_password_from_standard_input(run, monkeypatch):
    """``-`` reads a line, so that the shell remembers none."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("secret\nnot this\n"))
    run("talk_conversation", "create", "x", "--public", "--password", "-")
    assert check_password("secret", Conversation.objects.get().password)
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    lines = refused(run, "create", "y", "--public", "--password", "-")
    assert lines == ["The password is empty.", "Hint: Write --password '' to remove one."]


def test_a_password_from_the_terminal(run, monkeypatch):
    """``-`` asks twice where somebody can be asked."""
    room = ConversationFactory()
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = iter(["secret", "secret", "one", "other"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(answers))
    run("talk_conversation", "update", room.token, "--password", "-")
    room.refresh_from_db()
    assert check_password("secret", room.password)
    assert refused(run, "update", room.token, "--password", "-") == ["The passwords differ."]


def test_delete(run, monkeypatch):
    """The conversation goes, its history stays."""
    session = SessionFactory()
    calls.join(session=session, flags=7, now=timezone.now())
    token = session.conversation.token
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))  # a file is nobody who can be asked
    lines = ["Nothing was deleted.", "Hint: There is no terminal to ask on; add --yes."]
    assert refused(run, "delete", token) == lines
    assert run("talk_conversation", "delete", token, "--yes", "--json") == {
        "token": token,
        "deleted": True,
    }
    assert not Conversation.objects.exists()
    assert Call.objects.get().end_reason == "conversation_deleted"


def test_show(run):
    """Facts, people with what they may do and where that comes from, and the last calls."""
    room = ConversationFactory(
        name="Weekly", token="weekly", lobby_state=1, lobby_timer=timezone.now() + timedelta(days=1)
    )
    alice = AttendeeFactory(
        conversation=room, user=UserFactory(username="anna"), participant_type=1
    )
    GuestFactory(conversation=room, actor_id="abc", display_name="G\x1b", permissions=1 | 4 | 128)
    calls.join(session=SessionFactory(attendee=alice), flags=7, now=timezone.now())
    shown = run("talk_conversation", "show", "weekly", "--json")
    assert shown["members"] == [
        {
            "name": "anna",
            "who": "anna",
            "kind": "users",
            "role": "Owner",
            "may": "everything",
            "said_by": "role",
            "devices": 1,
            "in_call": True,
        },
        {
            "name": "G",
            "who": "",
            "kind": "guests",
            "role": "Guest",
            "may": "join calls",
            "said_by": "attendee",
            "devices": 0,
            "in_call": False,
        },
    ]
    [call] = shown["calls"]
    assert (call["id"], call["people"], call["ended"]) == (Call.objects.get().pk, 1, None)
    assert (shown["call"], shown["lobby"], bool(shown["lobby_until"])) == (True, True, True)
    lines = run("talk_conversation", "show", "weekly")
    assert lines[0] == "Token:         weekly"
    assert "\x1b" not in "".join(lines)
    assert [line for line in lines if line.startswith("G ")] == [
        "G     –     Guest  Guest  join calls   attendee        0  no"
    ]


def test_list(run):
    """The latest activity first, with one statement for any number."""
    assert run("talk_conversation", "list") == ["There are no conversations."]
    assert run("talk_conversation", "list", "--json") == {"list": [], "more": 0}
    for number in range(3):
        at = timezone.now() - timedelta(hours=number)
        room = ConversationFactory(name=f"Room {number}", last_activity_at=at)
        AttendeeFactory(conversation=room)
    with CaptureQueriesContext(connection) as captured:
        shown = run("talk_conversation", "list", "--json")
    assert len(captured) == 1
    assert [each["name"] for each in shown["list"]] == ["Room 0", "Room 1", "Room 2"]
    heading, _, *rows = run("talk_conversation", "list")
    assert heading.split() == [
        "Token",
        "Name",
        "Type",
        "Attendees",
        "Call",
        "Locked",
        "Lobby",
        "Last",
        "activity",
        "(America/Chicago)",
    ]
    assert len(rows) == 3
    shown = run("talk_conversation", "list", "--limit", "2", "--json")
    assert ([each["name"] for each in shown["list"]], shown["more"]) == (["Room 0", "Room 1"], 1)


def test_show_costs_the_same_for_any_number(run):
    """Attendees come with one statement."""
    room = ConversationFactory()
    counts = []
    for people in (1, 20):
        for _ in range(people):
            SessionFactory(attendee=AttendeeFactory(conversation=room))
        with CaptureQueriesContext(connection) as captured:
            run("talk_conversation", "show", room.token)
        counts.append(len(captured))
    assert counts == [counts[0]] * 2


def test_show_is_bounded(run):
    """Attendees beyond the limit are counted."""
    room = ConversationFactory()
    for _ in range(3):
        AttendeeFactory(conversation=room)
    shown = run("talk_conversation", "show", room.token, "--limit", "1", "--json")
    assert (len(shown["members"]), shown["more"], shown["attendees"]) == (1, 2, 3)
    assert "And 2 more; --limit N shows more." in run(
        "talk_conversation", "show", room.token, "--limit", "1"
    )


@pytest.fixture
def weekly(command_site):
    """Return a site with one conversation."""
    assert command_site.manage("talk_conversation", "create", "Weekly", "--public").returncode == 0
    return command_site


def test_processes(weekly):
    """Exit codes and JSON as scripts meet them."""
    listed = weekly.manage("talk_conversation", "list", "--json")
    [row] = json.loads(listed.stdout)["list"]
    assert (listed.returncode, listed.stderr, row["name"]) == (0, "", "Weekly")
    unknown = weekly.manage("talk_conversation", "show", "nowhere")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert weekly.manage("talk_conversation").returncode == 2
    kept = weekly.manage("talk_conversation", "delete", row["token"], input="")
    assert (kept.returncode, kept.stdout) == (1, "")


def token(site):
    [(found,)] = site.ask("SELECT token FROM talk_calls_conversation")
    return found


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("\n", 1)])
def test_delete_asks(weekly, answer, left):
    """Only a yes deletes."""
    terminal = weekly.on_a_terminal("talk_conversation", "delete", token(weekly))
    terminal.read_until("Delete 'Weekly' (attendees: 0)? [y/N] ")
    terminal.type(answer)
    assert terminal.end() == left
    assert len(weekly.ask("SELECT * FROM talk_calls_conversation")) == left


def test_ctrl_c_at_the_question(weekly):
    """Nothing is deleted, and nobody sees a traceback."""
    terminal = weekly.on_a_terminal("talk_conversation", "delete", token(weekly))
    terminal.read_until("[y/N] ")
    terminal.interrupt()
    assert terminal.end() == 130
    assert "Traceback" not in terminal.text
    assert len(weekly.ask("SELECT * FROM talk_calls_conversation")) == 1


def test_ctrl_c_while_deleting(weekly):
    """Stopped when all is deleted but not committed: nothing is deleted."""
    deleting = "talk_calls.services.locking:LockedConversation.delete_conversation"
    command = ["talk_conversation", "delete", token(weekly), "--yes"]
    stopped = weekly.interrupted(deleting, 1, *command)
    assert (stopped.returncode, stopped.stderr.split()) == (130, ["Stopped."])
    assert len(weekly.ask("SELECT * FROM talk_calls_conversation")) == 1


def test_ctrl_c_while_creating(command_site):
    """The conversation and everybody in it, or nothing at all."""
    made = command_site.manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.contrib.auth.models import User\n"
        "User.objects.bulk_create([User(username=f'u{n}') for n in range(100)])",
    )
    assert made.returncode == 0, made.stderr
    users = [f"--user=u{number}" for number in range(100)]
    adding = "talk_calls.services.participants:add_users"
    stopped = command_site.interrupted(adding, 2, "talk_conversation", "create", "Weekly", *users)
    assert (stopped.returncode, stopped.stderr.split()) == (130, ["Stopped."])
    assert command_site.ask("SELECT COUNT(*) FROM talk_calls_conversation") == [(0,)]
    assert command_site.ask("SELECT COUNT(*) FROM talk_calls_attendee") == [(0,)]
