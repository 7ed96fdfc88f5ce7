"""Finding people, and for whom (docs/settings.md, "A directory of your own")."""

import warnings

import pytest
from django.contrib.auth.models import Group

from talk_calls.host import lookups
from talk_calls.host.directory import MOST_FOUND, DjangoDirectory
from tests.factories import UserFactory
from tests.pages import pasted

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


class FindingDirectory(DjangoDirectory):
    """Only the two methods that find one know who may find whom."""

    def find_user(self, user_id, viewer=None):
        user = super().find_user(user_id, viewer)
        return user if user and user.last_name == viewer.last_name else None

    def find_group(self, group_id, viewer=None):
        return super().find_group(group_id) if group_id.startswith(viewer.last_name) else None


class OwnSearchDirectory(DjangoDirectory):
    """A directory whose search was written before there were more arguments."""

    def search(self, term, viewer=None):
        found = [user for user in self.users_for(viewer) if term in user.username]
        return [*found, *found]


class BlindSearchDirectory(FindingDirectory):
    """Its search knows no viewer."""

    def search(self, term):
        return super().search(term)

    def search_groups(self, term):
        return super().search_groups(term)


class NoDjangoDirectory:
    """A directory of old, which is no subclass of ours and searches for nobody."""

    def find_user(self, user_id, viewer=None):
        return DjangoDirectory().find_user(user_id)

    def find_group(self, group_id, viewer=None):
        return DjangoDirectory().find_group(group_id)


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
    for term in ("ann ben", "a1\0", "\ud800", "x" * 256, "a b c d e f g h i"):
        assert directory.search(term) == []


def test_search_for_nothing_finds_everybody(directory):
    """By name, the first ones; deactivated accounts are not offered."""
    cid, ann, ben = (UserFactory(username=f"x{name}", first_name=name) for name in "CAB")
    UserFactory(first_name="D", is_active=False)
    assert directory.search("") == directory.search(" ") == [ann, ben, cid]
    assert directory.search("", limit=2) == [ann, ben]


def test_search_leaves_out(directory, django_assert_num_queries):
    """Primary keys, or a query for them, which is part of the one statement."""
    ann, ben = UserFactory(username="ann"), UserFactory(username="ben")
    with django_assert_num_queries(3):
        assert directory.search("n", without=[ann.pk]) == [ben]
        assert directory.search("n", without={ann.pk, ben.pk}) == []
        anns = type(ann).objects.filter(username="ann").values("pk")
        assert directory.search("n", without=anns) == [ben]


@pytest.mark.parametrize("term", ["%", "_", "a%", "\\", "_nn", "%%", "'", '"', "[a]", "a*"])
def test_search_takes_wildcards_for_letters(directory, term):
    """What databases and shells take for a pattern is text."""
    UserFactory(username="ann")
    assert directory.search(term) == []
    odd = UserFactory(username="x", first_name=f"-{term}-")
    assert directory.search(term) == [odd]


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


# --- groups ---------------------------------------------------------------------------------------


def test_groups_are_found_by_those_who_are_in_them(directory, django_assert_num_queries):
    """By parts of the name; the site finds all, and the first 25 if it asks for no other number."""
    ann = UserFactory(username="ann")
    red, blue = (Group.objects.create(name=f"{color} hats") for color in ("Red", "Blue"))
    ann.groups.add(red)
    with django_assert_num_queries(1):
        assert directory.search_groups("HAT r", viewer=ann) == [red]
    assert directory.search_groups("", viewer=ann) == [red]
    assert directory.search_groups("hat") == [blue, red]
    assert directory.search_groups("hat", limit=1) == [blue]
    for term in ("blue", "red blue", "%", "_", "red\0", "x" * 256, "a b c d e f g h i"):
        assert directory.search_groups(term, viewer=ann) == []
    assert [directory.group_id(each) for each in (red, blue)] == ["Red hats", "Blue hats"]


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


# --- searching for somebody -----------------------------------------------------------------------


def found(term: str, *, viewer, limit: int = 10, without=()) -> list[str]:
    """Return the names of the users whom a search finds."""
    users = lookups.search_users(term, viewer=viewer, limit=limit, without=without)
    return [user.username for user in users]


def found_groups(term: str, *, viewer, limit: int = 10) -> list[str]:
    return [group.name for group in lookups.search_groups(term, viewer=viewer, limit=limit)]


@pytest.fixture
def people():
    """Return Ann of the reds, who is in a group of theirs and one of the blues."""
    ann, _, _, _ = (
        UserFactory(username=name, last_name=color)
        for name, color in (("ann", "red"), ("ben", "red"), ("cinn", "blue"), ("n", "red"))
    )
    for name in ("red hats", "blue hats", "red"):
        Group.objects.create(name=name).user_set.add(*[ann] * (name != "red"))
    return ann


def test_whoever_has_the_very_id_comes_first(people, django_assert_num_queries):
    """And once; three queries."""
    with django_assert_num_queries(3):
        assert found("n", viewer=people) == ["n", "cinn", "ann", "ben"]
    assert found("n", viewer=people, without=[people.pk]) == ["n", "cinn", "ben"]
    with django_assert_num_queries(2):
        assert found_groups("red", viewer=people) == ["red", "red hats"]
    assert found_groups("hats", viewer=people) == ["blue hats", "red hats"]


def test_short_terms(settings, people):
    """They find only who has the very id, and nobody if there is no term."""
    settings.TALK_CALLS = {"SEARCH_MIN_LENGTH": 3}
    assert found("", viewer=people) == found_groups("", viewer=people) == []
    assert found("nn", viewer=people) == found_groups("re", viewer=people) == []
    assert found("n", viewer=people) == ["n"]
    assert found("inn", viewer=people) == ["cinn"]
    assert found_groups("hats", viewer=people) == ["blue hats", "red hats"]


@pytest.mark.parametrize("name", ["FindingDirectory", "BlindSearchDirectory"])
def test_directories_that_fence_where_they_find_one(settings, people, name):
    """Nobody is found by a part of their name whom the site would not find by their id."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.{name}"}
    assert sorted(found("", viewer=people)) == ["ann", "ben", "n"]
    assert found("cinn", viewer=people) == found("inn", viewer=people) == []
    assert found_groups("blue hats", viewer=people) == found_groups("blu", viewer=people) == []
    assert "red hats" in found_groups("hats", viewer=people)


def test_directories_with_a_search_of_their_own(settings, people):
    """It needs to know neither the limit nor who is left out."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.OwnSearchDirectory"}
    assert sorted(found("n", viewer=people, without=[people.pk])) == ["ben", "cinn", "n"]
    assert len(found("n", viewer=people, limit=1)) <= 2


def test_school_of_the_docs(settings, monkeypatch, people):
    """The directory of docs/integrate.md lets everybody find all groups but those of the staff."""
    pasted(monkeypatch, "integrate.md", "school-directory", "school")
    settings.TALK_CALLS = {"DIRECTORY": "school.SchoolDirectory"}
    for name in ("class 7", "staff-parties"):
        Group.objects.create(name=name)
    assert found_groups("a", viewer=people) == ["blue hats", "class 7", "red hats"]


def test_directories_without_a_search(settings, people):
    """They find nobody by a part of the name; who has the very id is found."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.NoDjangoDirectory"}
    assert found("nn", viewer=people) == found_groups("red", viewer=people) == []
    assert found("ben", viewer=people) == ["ben"]
