"""Finding people, and for whom (docs/settings.md, "A directory of your own")."""

import warnings

import pytest
from django.contrib.auth.models import Group

from talk_calls.host import lookups
from talk_calls.host.directory import MOST_FOUND, DjangoDirectory
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

FENCED = {"DIRECTORY": f"{__name__}.FencedDirectory"}
OLD = {"DIRECTORY": f"{__name__}.OldDirectory"}


class FencedDirectory(DjangoDirectory):
    """Users find those whose last name is theirs."""

    def users_for(self, viewer):
        users = super().users_for(viewer)
        return users if viewer is None else users.filter(last_name=viewer.last_name)


class OldDirectory(DjangoDirectory):
    """A directory from before somebody looked."""

    def find_user(self, user_id):
        return super().find_user(user_id)


@pytest.fixture
def directory():
    return DjangoDirectory()


# --- ids ------------------------------------------------------------------------------------------


def test_user_ids_are_user_names(directory):
    """Unless the site chooses another field."""
    ann = UserFactory(username="ann")
    assert directory.user_id(ann) == "ann"
    assert directory.find_user("ann") == ann


@pytest.mark.parametrize("field", ["id", "pk"])
def test_user_ids_may_be_primary_keys(settings, directory, field):
    """They are text, and only the very text names the user."""
    settings.TALK_CALLS = {"USER_ID": field}
    ann = UserFactory(username="ann")
    assert directory.user_id(ann) == str(ann.pk)
    assert directory.find_user(str(ann.pk)) == ann
    arabic = "".join(chr(0x0660 + int(digit)) for digit in str(ann.pk))
    for other in (f" {ann.pk}", f"0{ann.pk}", f"+{ann.pk}", arabic, f"{ann.pk}.0", "ann", ""):
        assert directory.find_user(other) is None


@pytest.mark.parametrize("user_id", ["Ann", "ANN", "ann ", "", "ann\0", "a" * 256, "9" * 5000])
@pytest.mark.parametrize("field", ["username", "pk"])
def test_what_is_no_id_finds_nobody(settings, directory, field, user_id):
    """Ids are case-sensitive, bounded, and safe to send to the database."""
    settings.TALK_CALLS = {"USER_ID": field}
    UserFactory(username="ann")
    assert directory.find_user(user_id) is None


# --- search ---------------------------------------------------------------------------------------


def test_search_finds_by_names(directory):
    """Each word is part of a name, whatever the case; deactivated accounts are not offered."""
    ann = UserFactory(username="a1", first_name="Ann", last_name="Lee")
    UserFactory(username="b1", first_name="Ben", last_name="Lee")
    UserFactory(username="c1", first_name="Ann", last_name="Lee", is_active=False)
    for term in ("ann lee", "LEE a1", " an  le ", "A1"):
        assert directory.search(term) == [ann]
    for term in ("", " ", "ann ben", "a1\0", "x" * 256):
        assert directory.search(term) == []


@pytest.mark.parametrize("term", ["ann@example.org", "example", "an", "@"])
def test_search_never_finds_by_address(directory, term):
    """Not by the field, and not where an address is used as a name."""
    address = "ann@example.org"
    UserFactory(username=address, email=address, first_name=address)
    assert directory.search(term) == []


def test_search_is_bounded(directory, django_assert_num_queries):
    """It returns the first 25, with one statement."""
    UserFactory.create_batch(MOST_FOUND + 1, first_name="Ann")
    with django_assert_num_queries(1):
        assert len(directory.search("ann")) == MOST_FOUND


# --- the viewer -----------------------------------------------------------------------------------


def test_tenants_are_fenced_off(settings):
    """One method fences both ways of finding somebody."""
    settings.TALK_CALLS = FENCED
    ann = UserFactory(username="ann", last_name="red")
    ben, cid = UserFactory(username="ben", last_name="red"), UserFactory(username="cid")
    directory = FencedDirectory()
    assert lookups.find_user("ben", viewer=ann) == ben
    assert lookups.find_user("cid", viewer=ann) is None
    assert lookups.find_user("cid", viewer=None) == cid
    assert directory.search("n", viewer=ann) == [ann, ben]


def test_directories_without_a_viewer_go_on_working(settings):
    """They are warned of once, and find everybody for everybody."""
    settings.TALK_CALLS = OLD
    ann, group = UserFactory(username="ann"), Group.objects.create(name="hatters")
    lookups._takes_viewer.cache_clear()
    with pytest.warns(DeprecationWarning, match=r"OldDirectory\.find_user takes no viewer"):
        assert lookups.find_user("ann", viewer=ann) == ann
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert lookups.find_user("ann", viewer=ann) == ann
        assert lookups.find_group("hatters", viewer=ann) == group
