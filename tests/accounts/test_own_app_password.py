"""``DELETE /core/apppassword``: an app logs out, and its password with it."""

import base64

import pytest
from django.test import Client

from talk_calls.models import AppPassword
from talk_calls.services import app_passwords
from tests.contract.expected import NOT_LOGGED_IN, ok, refused
from tests.factories import UserFactory
from tests.ocs_client import OCSClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("account_passwords")]

NO_APP_PASSWORD = "The request came with no app password."


@pytest.fixture
def alice():
    return UserFactory(username="alice")


@pytest.fixture
def secret(alice) -> str:
    app_passwords.create(user=alice, name="another")
    return app_passwords.create(user=alice, name="this one")[1]


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


@pytest.mark.parametrize("scheme", ["Basic", "Bearer"])
def test_revokes_itself(secret, scheme, wire, entry):
    """The app password of the request is gone, and no other; the next request is refused."""
    header = basic("alice", secret) if scheme == "Basic" else f"Bearer {secret}"
    browser = Client(headers={"Authorization": header})
    client = OCSClient(service="core", wire=wire, entry=entry, browser=browser)
    answer = client.delete("apppassword")
    assert answer.whole == ok(answer)
    assert [each.name for each in AppPassword.objects.all()] == ["another"]
    answer = client.delete("apppassword")
    assert answer.whole == refused(answer, 401, "Unauthorised", code=997)


@pytest.mark.parametrize("kind", ["account password", "cookie"])
def test_other_logins_have_none(alice, secret, kind, wire, entry):
    """A client that is logged in by other means has no app password to revoke."""
    client = OCSClient(service="core", wire=wire, entry=entry)
    if kind == "cookie":
        client.browser.force_login(alice)
    else:
        client.username = client.password = "alice"
    answer = client.delete("apppassword")
    assert answer.whole == refused(answer, 403, NO_APP_PASSWORD)
    assert AppPassword.objects.count() == 2


def test_cookie_beside_an_app_password_of_another(alice, secret):
    """Credentials count, and not the cookie that travels with them."""
    bob = UserFactory(username="bob")
    client = OCSClient(service="core", username="alice", password=secret)
    client.browser.force_login(bob)
    assert client.delete("apppassword").http == 200
    assert [each.name for each in AppPassword.objects.all()] == ["another"]


def test_guests(wire, entry):
    """Nobody has none."""
    answer = OCSClient(service="core", wire=wire, entry=entry).delete("apppassword")
    assert answer.whole == refused(answer, 401, NOT_LOGGED_IN, code=997)


def test_account_whose_password_looks_like_an_app_password(alice):
    """An account password in the format of an app password is not revoked as one."""
    lookalike = "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA"
    alice.set_password(lookalike)
    alice.save()
    client = OCSClient(service="core", username="alice", password=lookalike)
    answer = client.delete("apppassword")
    assert answer.whole == refused(answer, 403, NO_APP_PASSWORD)
