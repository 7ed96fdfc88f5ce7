"""The names by which people see each other (docs/settings.md, "A directory of your own")."""

from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AbstractUser, User
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from talk_calls.host.directory import DjangoDirectory


class Person(SimpleNamespace):
    """An account whose full name is what Django makes of its parts."""

    pk = "a3c1d0de-0000-4000-8000-0000000c1a2b"
    first_name = last_name = ""
    username = ""

    get_full_name = AbstractUser.get_full_name

    def get_username(self):
        return self.username


class Titled(Person):
    """An account of a model that has its own full name."""

    def get_full_name(self):
        return f"Dr {self.last_name} {self.first_name}"


NEUTRAL = "User 0c1a2b"


@pytest.mark.parametrize(
    ("person", "name"),
    [
        (Person(first_name="Ann", last_name="Lee", username="ann"), "Ann Lee"),
        (Person(first_name=None, last_name=None, username="ann"), "ann"),
        (Person(first_name=None, last_name="Lee", username="ann"), "Lee"),
        (Person(first_name="  Ann ", last_name="\tvan  Lee\n", username="ann"), "Ann van Lee"),
        (Person(first_name=" ", username="ann"), "ann"),
        (Person(first_name="None", last_name="Lee"), "None Lee"),
        (Person(name="Ann L.", username="ann"), "Ann L."),
        (Person(display_name="Annie", name="Ann L.", username="ann"), "Annie"),
        (Person(display_name=None, name=" ", username="ann"), "ann"),
        (Person(name=lambda: "no text", username="ann"), "ann"),
        (Titled(first_name="Ann", last_name="Lee"), "Dr Lee Ann"),
        (Titled(first_name=None, last_name="Lee"), "Dr Lee"),
        (Person(username="ann@example.org"), NEUTRAL),
        (Person(first_name="ann@example.org", name="Ann", username="ann"), "Ann"),
        (Person(name="Ann <ann@example.org>"), NEUTRAL),
        (Person(username="DJ @home"), "DJ @home"),
        (Person(username=None), NEUTRAL),
        (Person(username=None, pk=17), "User 17"),
    ],
)
def test_display_name(person, name):
    """It is the first name that the account has, and never an e-mail address."""
    assert DjangoDirectory().display_name(person) == name


def test_the_user_of_a_request():
    """The wrapper that Django puts around ``request.user`` has the name of the account."""
    titled = Titled(first_name="Ann", last_name="Lee", username="ann@example.org")
    assert DjangoDirectory().display_name(SimpleLazyObject(lambda: titled)) == "Dr Lee Ann"


def test_neutral_names_have_the_language_of_the_site(settings):
    """They are stored, so they do not change with the language of whoever asks."""
    with translation.override("de"):
        assert DjangoDirectory().display_name(Person()) == NEUTRAL
    settings.LANGUAGE_CODE = "de"
    assert DjangoDirectory().display_name(Person()) == "Benutzer 0c1a2b"


def test_djangos_own_user_model():
    """An account with a user name only is called by it."""
    assert DjangoDirectory().display_name(User(pk=3, username="ann")) == "ann"
    assert DjangoDirectory().display_name(User(pk=3, username="a@example.org")) == "User 3"
