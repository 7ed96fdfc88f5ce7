"""``cloud/users/{id}``: the own account whole, and of others the name."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from talk_calls.host.directory import DjangoDirectory
from talk_calls.host.policy import HostPolicy
from tests.accounts.test_cloud import me
from tests.contract.expected import NOT_LOGGED_IN, ok, refused
from tests.factories import UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db


class FencedDirectory(DjangoDirectory):
    """Users find those who have an address like theirs."""

    def users_for(self, viewer):
        users = super().users_for(viewer)
        return users if viewer is None else users.filter(email__startswith=viewer.username)


class HidingPolicy(HostPolicy):
    """Bob is hidden."""

    def may_see(self, viewer, user) -> bool:
        return user.username != "bob"


class ClosedDirectory(DjangoDirectory):
    """A site that lets nobody use Talk."""

    def may_use_talk(self, user) -> bool:
        return False


@pytest.fixture
def alice():
    """Return Alice; there is Bob, who has an address."""
    UserFactory(username="bob", first_name="Bob", last_name="Ray", email="bob@example.org")
    return UserFactory(
        username="alice", first_name="Alice", last_name="Ünder", email="alice@example.org"
    )


def test_own_account(device, alice, wire, entry):
    """It is the answer of ``cloud/user``."""
    app = device(alice, service="cloud", wire=wire, entry=entry)
    answer = app.get("users/alice")
    assert answer.whole == ok(answer, me(groups=[] if wire == "json" else ""))
    assert answer.whole == app.get("user").whole


def test_others(device, alice, wire, entry):
    """Id and name, and nothing else; two statements, of which one finds out who asks."""
    app = device(alice, service="cloud", wire=wire, entry=entry)
    with CaptureQueriesContext(connection) as queries:
        answer = app.get("users/bob")
    expected = {"id": "bob", "display-name": "Bob Ray", "displayname": "Bob Ray"}
    assert answer.whole == ok(answer, expected)
    assert len(queries) == 2


SITES = {
    "fenced": {"DIRECTORY": f"{__name__}.FencedDirectory"},
    "hidden": {"POLICY": f"{__name__}.HidingPolicy"},
}


@pytest.fixture(params=SITES.values(), ids=SITES)
def _site_that_hides_bob(request, settings) -> None:
    settings.TALK_CALLS = request.param


@pytest.mark.usefixtures("_site_that_hides_bob")
def test_who_is_hidden_is_unknown(device, alice, wire, entry):
    """The answers are the same, and so are the statements that made them."""
    app = device(alice, service="cloud", wire=wire, entry=entry)
    asked = []
    for name in ("bob", "zed"):
        with CaptureQueriesContext(connection) as queries:
            answer = app.get(f"users/{name}")
        assert answer.whole == refused(answer, 404)
        asked.append([query["sql"].replace(name, "…") for query in queries])
    assert asked[0] == asked[1]


@pytest.mark.parametrize(
    "user_id", ["Bob", "bob ", "%62ob%00", "bob@example.org", "x" * 300, "%ED%A0%80", "%25", "_"]
)
def test_what_is_no_id(device, alice, user_id):
    """Nobody is found by anything but the very id."""
    assert device(alice, service="cloud").get(f"users/{user_id}").http == 404


def test_guests(alice, wire, entry):
    """They get 401, whoever is asked for."""
    guest = OCSClient(service="cloud", wire=wire, entry=entry)
    for name in ("alice", "zed"):
        answer = guest.get(f"users/{name}")
        assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)


def test_users_who_may_not_use_talk(settings, device, alice):
    """They have their own account, and learn of nobody, whether they exist or not."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.ClosedDirectory"}
    app = device(alice, service="cloud")
    assert app.get("users/alice").data == me(groups=[])
    assert app.get("users/bob").whole == app.get("users/zed").whole
    assert app.get("users/bob").http == 403
