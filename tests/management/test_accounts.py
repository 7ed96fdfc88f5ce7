"""Whom an operator means: by primary key, user name, e-mail address or user id."""

import pytest
from django.core.management import CommandError, call_command

from talk_calls.host.directory import DjangoDirectory
from talk_calls.management.lookups import find_user, get_user
from talk_calls.models import AppPassword
from tests.factories import AttendeeFactory, ConversationFactory, UserFactory

pytestmark = pytest.mark.django_db


class NumberedDirectory(DjangoDirectory):
    """A directory whose ids are in no field."""

    def user_id(self, user):
        return f"u-{user.pk}"

    def find_user(self, user_id, viewer=None):
        number = user_id.removeprefix("u-")
        return self.users_for(viewer).filter(pk=number).first() if number.isdigit() else None


@pytest.fixture
def ann():
    return UserFactory(username="ann", email="Ann.Lee@example.org")


@pytest.mark.parametrize("field", ["username", "pk"])
def test_each_name_of_an_account(settings, ann, field):
    """Whatever field clients know people by; the case of an e-mail address does not count."""
    settings.TALK_CALLS = {"USER_ID": field}
    UserFactory(username="ben", email="ben@example.org")
    for name in ("ann", str(ann.pk), "Ann.Lee@example.org", "ann.lee@EXAMPLE.org"):
        assert get_user(name) == ann


def test_ids_of_a_directory(settings, ann):
    """What clients know somebody by is found too."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.NumberedDirectory"}
    assert get_user(f"u-{ann.pk}") == get_user("ann") == ann


@pytest.mark.parametrize("name", ["", "Ann", "an", "@", "ann@", "9" * 5000, "9" * 30, "1.0", "ån"])
def test_nobody(ann, name):
    """A part of a name is no name, and accounts without an address are not found by none."""
    UserFactory(username="ben", email="")
    UserFactory(username="gone", is_active=False)
    assert find_user(name) is None
    with pytest.raises(CommandError, match="There is no active user"):
        get_user(name)
    assert find_user("gone") is None


def test_an_ambiguous_name(ann):
    """The error tells them apart; nobody gets the app password of somebody else."""
    other = UserFactory(username="other", email="ann.lee@example.org")
    number = UserFactory(username=str(ann.pk), email="")
    with pytest.raises(CommandError) as error:
        call_command("talk_app_password", "ann.lee@example.org")
    assert str(error.value) == (
        f"'ann.lee@example.org' is ambiguous: {ann.pk} (ann, Ann.Lee@example.org); "
        f"{other.pk} (other, ann.lee@example.org).\n"
        "Hint: Write what only one of them has."
    )
    with pytest.raises(CommandError, match=rf"ambiguous: .*; {number.pk} \({ann.pk}\)\."):
        get_user(str(ann.pk))
    assert not AppPassword.objects.exists()


def test_attendees_whose_account_is_closed(ann):
    """They are found among the attendees, by the same names."""
    room = ConversationFactory(token="room")
    AttendeeFactory(conversation=room, user=ann)
    ann.is_active = False
    ann.save()
    call_command("talk_attendee", "remove", "room", "ann.lee@example.org")
    assert not room.attendees.exists()
    AttendeeFactory(conversation=room, user=ann)
    twin = UserFactory(username="twin", email=ann.email)
    AttendeeFactory(conversation=room, user=twin)
    with pytest.raises(CommandError, match="is ambiguous"):
        call_command("talk_attendee", "remove", "room", ann.email)
    assert room.attendees.count() == 2


def test_history_by_address(ann, capsys):
    """All commands take each name."""
    call_command("talk_history", "--user", "ann.lee@example.org")
    assert capsys.readouterr().out == "No calls.\n"
