"""``manage.py talk_ban``: who is kept out of a conversation."""

import pytest
from django.core.management import CommandError

from talk_calls.models import Ban
from tests.factories import AttendeeFactory, ConversationFactory, GuestFactory, UserFactory


@pytest.fixture
def room(db):
    return ConversationFactory()


@pytest.fixture
def bob(room):
    return AttendeeFactory(conversation=room, user=UserFactory(username="bob"), display_name="Bob")


@pytest.mark.usefixtures("bob")
def test_add_list_and_remove(room, run):
    """Users and addresses, each with the notes; all of it is listed, the newest first."""
    notes = ["--note", "Shouts.", "--shown-note", "Calm down."]
    command = ["talk_ban", "add", room.token, "--user", "bob", "--address", "2600:1::17", *notes]
    assert run(*command) == ["Banned: 2."]
    assert not room.attendees.exists()
    second, first = run("talk_ban", "list", room.token, "--json")["list"]
    assert {**first, "id": 0, "since": ""} == {
        "id": 0,
        "name": "Bob",
        "who": "bob",
        "kind": "users",
        "by": "",
        "since": "",
        "note": "Shouts.",
        "shown": "Calm down.",
    }
    assert (second["who"], second["kind"]) == ("2600:1::/64", "ips")
    lines = run("talk_ban", "list", room.token)
    assert len(lines) == 4
    assert " Address " in lines[2]
    assert " User " in lines[3]
    assert run("talk_ban", "list", room.token, "--limit=1", "--json")["more"] == 1
    assert run("talk_ban", "list", room.token, "--limit=1")[-1].startswith("And 1 more;")
    assert run("talk_ban", "remove", room.token, str(first["id"])) == ["Lifted: 1."]
    assert run("talk_ban", "remove", room.token, str(second["id"]), "--json") == {
        "token": room.token,
        "lifted": [second["id"]],
    }
    assert run("talk_ban", "list", room.token) == ["Nobody is banned."]


@pytest.mark.usefixtures("bob")
def test_all_or_nothing(room, run):
    """One who cannot be banned undoes the others, and so does a number that there is not."""
    with pytest.raises(CommandError, match=r"10\.0\.0\.1.*no address of the internet"):
        run("talk_ban", "add", room.token, "--user", "bob", "--address", "10.0.0.1")
    assert room.attendees.exists()
    assert not Ban.objects.exists()
    run("talk_ban", "add", room.token, "--user", "bob")
    with pytest.raises(CommandError, match="There is no ban 0 here"):
        run("talk_ban", "remove", room.token, str(Ban.objects.get().pk), "0")
    assert Ban.objects.exists()


def test_moderators_stay(room, bob, run):
    """They are demoted first, by operators as well."""
    bob.participant_type = 2
    bob.save()
    with pytest.raises(CommandError, match="They moderate the conversation"):
        run("talk_ban", "add", room.token, "--user", "bob")


def test_nobody_is_named(room, run):
    with pytest.raises(CommandError, match="Nobody is named"):
        run("talk_ban", "add", room.token)


def test_one_to_one(db, run):
    with pytest.raises(CommandError, match="is a one-to-one conversation"):
        run("talk_ban", "add", ConversationFactory(type=1).token, "--user", "bob")


def test_guests_are_numbers(room, run):
    """The id of a guest says nothing, so it is not shown."""
    guest = GuestFactory(conversation=room)
    Ban.objects.create(
        conversation=room, actor_type="guests", actor_id=guest.actor_id, browser="b" * 32
    )
    [facts] = run("talk_ban", "list", room.token, "--json")["list"]
    assert (facts["name"], facts["who"]) == ("Guest", "")
