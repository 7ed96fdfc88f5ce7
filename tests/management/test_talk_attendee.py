"""``manage.py talk_attendee``: everybody who is named, or nobody."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError

from talk_calls.models import Attendee
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory


@pytest.fixture
def room(db):
    return ConversationFactory()


@pytest.fixture
def people(db):
    """Make alice and bob, and the group Staff with carol and dave."""
    staff = Group.objects.create(name="Staff")
    for name in ("alice", "bob"):
        UserFactory(username=name)
    for name in ("carol", "dave"):
        UserFactory(username=name).groups.add(staff)


def roles(room):
    rows = room.attendees.exclude(user=None).order_by("user__username")
    return list(rows.values_list("user__username", "participant_type"))


@pytest.mark.usefixtures("people")
def test_add(room, run):
    """Users by name, groups with their members; who is there already stays as they are."""
    command = ["talk_attendee", "add", room.token, "alice", "--user", "bob", "--group", "Staff"]
    for _ in range(2):
        assert run(*command) == ["They belong to the conversation now."]
    assert roles(room) == [(name, 3) for name in ("alice", "bob", "carol", "dave")]
    assert room.attendees.filter(user=None).get().display_name == "Staff"


@pytest.mark.usefixtures("people")
def test_json(room, run):
    """The JSON value has what was done."""
    assert run("talk_attendee", "add", room.token, "alice", "--group", "Staff", "--json") == {
        "token": room.token,
        "done": "add",
        "users": ["alice"],
        "groups": ["Staff"],
    }


@pytest.mark.usefixtures("people")
def test_remove(room, run):
    """Owners can be removed too; with a group go those who are attendees only by it."""
    run("talk_attendee", "add", room.token, "alice", "bob", "--group", "Staff")
    room.attendees.filter(user__username="alice").update(participant_type=1)
    output = run("talk_attendee", "remove", room.token, "alice", "--group", "Staff")
    assert output == ["They were removed from the conversation."]
    assert roles(room) == [("bob", 3)]


@pytest.mark.usefixtures("people")
def test_promote_and_demote(room, run):
    """Users become moderators and are users again."""
    run("talk_attendee", "add", room.token, "alice", "bob")
    output = run("talk_attendee", "promote", room.token, "alice", "--user", "bob")
    assert output == ["They are moderators now."]
    assert roles(room) == [("alice", 2), ("bob", 2)]
    output = run("talk_attendee", "demote", room.token, "bob")
    assert output == ["They are no moderators any more."]
    assert roles(room) == [("alice", 2), ("bob", 3)]


@pytest.mark.usefixtures("people")
def test_promote_a_self_joined_user(room, run):
    """Who followed the link becomes a member by it."""
    run("talk_attendee", "add", room.token, "alice")
    room.attendees.update(participant_type=5, permissions=1)
    run("talk_attendee", "promote", room.token, "alice")
    assert roles(room) == [("alice", 2)]
    run("talk_attendee", "demote", room.token, "alice")
    assert roles(room) == [("alice", 3)]
    assert room.attendees.get().permissions == 0


@pytest.mark.usefixtures("people")
def test_a_closed_account_is_removed(room, run):
    """A user who cannot log in any more is still an attendee, and can be removed."""
    run("talk_attendee", "add", room.token, "alice")
    user = room.attendees.get().user
    user.is_active = False
    user.save()
    run("talk_attendee", "remove", room.token, "alice")
    assert not room.attendees.exists()


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "TOKEN", "alice", "nobody"], "There is no active user 'nobody'."),
        (["add", "TOKEN", "alice", "--group", "none"], "There is no group 'none'."),
        (["add", "TOKEN"], "Nobody is named."),
        (["add", "nowhere", "alice"], "There is no conversation 'nowhere'."),
        (["remove", "TOKEN", "eve", "alice"], "User 'alice' is no participant."),
        (["remove", "TOKEN", "eve", "--group", "Staff"], "Group 'Staff' is no participant."),
        (["promote", "TOKEN", "eve", "boss"], "boss: The attendee's role cannot be changed"),
        (["demote", "TOKEN", "eve"], "eve: The attendee's role cannot be changed that way."),
        (["promote", "TOKEN", "--group", "Staff"], "A group cannot moderate."),
    ],
)
def test_all_or_nobody(room, run, arguments, words):
    """With one mistake nothing is kept."""
    for name, role in (("eve", 3), ("boss", 1)):
        AttendeeFactory(
            conversation=room,
            user=UserFactory(username=name),
            display_name=name,
            participant_type=role,
        )
    before = list(Attendee.objects.order_by("pk").values())
    named = [room.token if each == "TOKEN" else each for each in arguments]
    with pytest.raises(CommandError) as error:
        run("talk_attendee", *named)
    first, hint = str(error.value).splitlines()
    assert first.startswith(words)
    assert hint.startswith("Hint: ")
    assert list(Attendee.objects.order_by("pk").values()) == before


@pytest.mark.usefixtures("people")
def test_a_pair_stays_a_pair(run):
    """One-to-one conversations are managed by nobody."""
    room = ConversationFactory(type=1)
    with pytest.raises(CommandError, match="is a one-to-one conversation"):
        run("talk_attendee", "add", room.token, "alice")


def test_a_name_does_not_move_the_cursor(room, run):
    """Names are of somebody else's choice."""
    eve = UserFactory(username="eve")
    AttendeeFactory(conversation=room, user=eve, display_name="\x1b[2Jeve")
    with pytest.raises(CommandError) as error:
        run("talk_attendee", "demote", room.token, "eve")
    assert "\x1b" not in str(error.value)


USERS = 120  # in three batches


@pytest.fixture
def site_with_many_users(command_site):
    """Return a site with many users and one empty conversation."""
    made = command_site.manage(
        "shell",
        "--no-imports",
        "-c",
        "from django.contrib.auth.models import User\n"
        "from talk_calls.services import creation\n"
        f"User.objects.bulk_create([User(username=f'u{{n}}') for n in range({USERS})])\n"
        "creation.create(kind=3, name='Weekly', token='weekly')",
    )
    assert made.returncode == 0, made.stderr
    return command_site


EVERYBODY = [f"u{number}" for number in range(USERS)]


ADDING = "talk_calls.services.participants:add_users"
REMOVING = "talk_calls.services.invitations:expel_many"


def test_ctrl_c_in_the_middle(site_with_many_users):
    """Exit code 130, no traceback, and nobody added or removed; then everybody."""
    add, remove = (["talk_attendee", deed, "weekly", *EVERYBODY] for deed in ("add", "remove"))
    count = "SELECT COUNT(*) FROM talk_calls_attendee"
    for service, command, before in ((ADDING, add, 0), (REMOVING, remove, USERS)):
        stopped = site_with_many_users.interrupted(service, 2, *command)
        assert (stopped.returncode, stopped.stdout) == (130, "")
        assert stopped.stderr.split() == ["Stopped."]
        assert site_with_many_users.ask(count) == [(before,)]
        assert site_with_many_users.manage(*command).returncode == 0
        assert site_with_many_users.ask(count) == [(USERS - before,)]


def test_the_bar_reaches_the_end(site_with_many_users):
    """Left alone, everybody is there."""
    terminal = site_with_many_users.on_a_terminal(
        "talk_attendee", "--no-color", "add", "weekly", *EVERYBODY
    )
    assert terminal.end() == 0
    assert f"[{'#' * 40}] {USERS} of {USERS}" in terminal.text
    assert terminal.text.splitlines()[-1] == "They belong to the conversation now."
    assert site_with_many_users.ask("SELECT COUNT(*) FROM talk_calls_attendee") == [(USERS,)]
