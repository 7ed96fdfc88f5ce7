"""Which groups a user is in, as settings that name groups ask it."""

import pytest
from django.contrib.auth.models import Group, User
from django.utils.functional import SimpleLazyObject

from talk_calls.host.directory import DjangoDirectory
from talk_calls.host.group_membership import is_in_groups
from tests.factories import UserFactory


class TeamsDirectory(DjangoDirectory):
    """A site that keeps its groups somewhere else."""

    def group_ids(self, user) -> list[str]:
        return ["Teachers"] if user.username == "alice" else []


@pytest.fixture
def member(db):
    """Return a user who is in two groups, as a request loads them."""
    user = UserFactory()
    user.groups.add(*(Group.objects.create(name=name) for name in ("Staff", "Teachers")))
    return User.objects.get(pk=user.pk)


@pytest.mark.parametrize(
    ("names", "is_in"),
    [
        (["Staff"], True),
        (["Pupils", "Teachers"], True),
        (["Pupils"], False),
        (["staff"], False),
        (["Staf"], False),
        ([], False),
    ],
)
def test_names(member, names, is_in):
    """One of the names is enough; they are names and no patterns."""
    assert is_in_groups(member, names) is is_in


def test_guests_are_in_no_group():
    """Nobody asks anything about them."""
    assert is_in_groups(None, ["Staff"]) is False


def test_one_query_for_each_user_object(member, django_assert_num_queries):
    """A list asks once; whoever loads the user again sees what changed."""
    with django_assert_num_queries(0):
        assert not is_in_groups(member, [])
    with django_assert_num_queries(1):
        for names in (["Staff"], ["Pupils"]) * 100:
            is_in_groups(member, names)
    member.groups.clear()
    assert is_in_groups(User.objects.get(pk=member.pk), ["Staff"]) is False


def test_lazy_user_is_asked_once(member, django_assert_num_queries):
    """Django's ``request.user`` is an object around the user."""
    lazy = SimpleLazyObject(lambda: member)
    with django_assert_num_queries(1):
        assert is_in_groups(lazy, ["Staff"])
        assert is_in_groups(lazy, ["Staff"])
        assert is_in_groups(member, ["Staff"])


def test_site_with_groups_of_its_own(settings):
    """The directory answers, from wherever it knows that; no database is needed here."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.TeamsDirectory"}
    assert is_in_groups(User(username="alice"), ["Teachers"]) is True
    assert is_in_groups(User(username="bob"), ["Teachers"]) is False
