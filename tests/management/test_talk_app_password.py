"""``manage.py talk_app_password``: an app password for a script's eyes."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from talk_calls.models import AppPassword
from tests.factories import UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("talk_app_password", *arguments, stdout=out, no_color=True)
    return out.getvalue().split("\n")


def test_password_stands_alone_on_the_last_line():
    """``$(… | tail -n 1)`` is the password, and it logs in."""
    user = UserFactory(username="alice")
    lines = run("alice")
    assert lines[0] == "App password 'command line' of alice; it is shown only now:"
    assert lines[2:] == [""]
    assert OCSClient(username="alice", password=lines[1]).get("room").http == 200
    made = AppPassword.objects.get()
    assert (made.user, made.name) == (user, "command line")


def test_name_of_the_client():
    """The app password has the given name."""
    UserFactory(username="alice")
    lines = run("alice", "--name", "alice's phone")
    assert lines[0] == 'App password "alice\'s phone" of alice; it is shown only now:'
    assert AppPassword.objects.get().name == "alice's phone"


def test_each_run_makes_another():
    """Passwords are made and never shown again, so the second one is a new one."""
    UserFactory(username="alice")
    assert run("alice")[1] != run("alice")[1]
    assert AppPassword.objects.count() == 2


@pytest.mark.parametrize("username", ["nobody", "", "gone", "Alice"])
def test_unknown_user(username):
    """A user who cannot log in gets no password."""
    UserFactory(username="alice")
    UserFactory(username="gone", is_active=False)
    with pytest.raises(CommandError, match=f"There is no active user {username!r}\\."):
        run(username)
    assert not AppPassword.objects.exists()


def test_name_that_does_not_fit():
    """A name too long for its column is refused with a sentence, on every database."""
    UserFactory(username="alice")
    with pytest.raises(CommandError):
        run("alice", "--name", "x" * 101)
    assert not AppPassword.objects.exists()
