"""``/cloud/capabilities`` and ``/cloud/user``: what the site can do, and the own user."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from talk_calls.api import capabilities
from talk_calls.host.directory import DjangoDirectory
from tests.contract.expected import NOT_LOGGED_IN, ok, refused
from tests.factories import UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db


class ClosedDirectory(DjangoDirectory):
    """A site that lets nobody use Talk."""

    def may_use_talk(self, user) -> bool:
        return False


@pytest.fixture
def alice():
    alice = UserFactory(
        username="alice", first_name="Alice", last_name="Ünder", email="alice@example.org"
    )
    for name in ("teachers", "Anglers"):
        alice.groups.add(Group.objects.create(name=name))
    return alice


def me(**changed) -> dict:
    """Return the data of ``/cloud/user`` for Alice."""
    return {
        "id": "alice",
        "enabled": True,
        "display-name": "Alice Ünder",
        "displayname": "Alice Ünder",
        "email": "alice@example.org",
        "groups": ["Anglers", "teachers"],
        "language": "en-us",
        "locale": "en_US",
    } | changed


# Capabilities


def test_capabilities_for_guests(wire, entry):
    """Capabilities need no login and no database."""
    guest = OCSClient(service="cloud", wire=wire, entry=entry)
    with CaptureQueriesContext(connection) as queries:
        answer = guest.get("capabilities")
    assert answer.whole == ok(answer, capabilities.document(None))
    assert len(queries) == 0


def test_capabilities_for_users(device, alice, wire, entry):
    """A user gets more, for the statements of the authentication only."""
    client = device(alice, service="cloud", wire=wire, entry=entry)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("capabilities")
    assert answer.whole == ok(answer, capabilities.document(alice))
    assert len(queries) == 1


@pytest.mark.contract("2.7")
def test_capabilities_for_users_whom_the_site_bars(settings, device, alice, wire):
    """Users who may not use Talk get capabilities without Talk's."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.ClosedDirectory"}
    answer = device(alice, service="cloud", wire=wire).get("capabilities")
    expected = {"version": capabilities.version(), "capabilities": {"core": {"pollinterval": 60}}}
    assert answer.whole == ok(answer, expected)


def test_capabilities_with_a_wrong_password(alice, wire, entry):
    """Wrong credentials are refused on public endpoints too (behaviour 2.7)."""
    client = OCSClient(service="cloud", wire=wire, entry=entry, username="alice", password="wrong")
    answer = client.get("capabilities")
    assert answer.whole == refused(answer, 401, "Unauthorised", code=997)


# Users


def test_user(device, alice, wire, entry):
    """The whole answer; two statements, of which one finds out who asks."""
    client = device(alice, service="cloud", wire=wire, entry=entry)
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("user")
    assert answer.whole == ok(answer, me())
    assert len(queries) == 2


def test_user_without_optional_fields(device, wire):
    """A user without full name, address and groups has empty fields."""
    answer = device(UserFactory(username="bob"), service="cloud", wire=wire).get("user")
    expected = me(id="bob", displayname="bob", email=None, groups=[]) | {"display-name": "bob"}
    assert answer.whole == ok(answer, expected)


@pytest.mark.usefixtures("account_passwords")
def test_user_by_account_password_and_by_cookie(alice):
    """Every way to log in will do."""
    by_cookie = Client()
    by_cookie.force_login(alice)
    for client in (
        OCSClient(service="cloud", username="alice", password="alice"),
        OCSClient(service="cloud", browser=by_cookie),
    ):
        assert client.get("user").data == me()


def test_language_of_the_site(settings, device, alice):
    """Clients get the site's language."""
    settings.LANGUAGE_CODE = "de"
    data = device(alice, service="cloud").get("user").data
    assert (data["language"], data["locale"]) == ("de", "de")


def test_user_for_guests(wire, entry):
    """Guests get 401."""
    answer = OCSClient(service="cloud", wire=wire, entry=entry).get("user")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)


def test_user_whom_the_site_bars(settings, device, alice):
    """``/cloud/user`` works for users who may not use Talk."""
    settings.TALK_CALLS = {"DIRECTORY": f"{__name__}.ClosedDirectory"}
    assert device(alice, service="cloud").get("user").data == me()
