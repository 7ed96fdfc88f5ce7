"""The login form that counts guesses."""

import base64

import pytest
from django.contrib.auth.views import LoginView
from django.test import Client, RequestFactory

from talk_calls.accounts.forms import LoginForm
from talk_calls.api.throttling.guesses import GUESSES
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    user = UserFactory(username="alice")
    user.set_password("secret")
    user.save()
    return user


def errors(password: str, name: str = "alice", address: str = "192.0.2.1") -> list[str]:
    """Return the errors of the form; none if the login is accepted."""
    request = RequestFactory(REMOTE_ADDR=address).post("/")
    form = LoginForm(request, data={"username": name, "password": password})
    return [] if form.is_valid() else list(form.errors["__all__"])


def test_right_password(alice):
    """Nothing is different."""
    assert errors("secret") == []


def test_guessing(alice):
    """After ten wrong ones nothing is verified any more, from this address and for this name."""
    for number in range(GUESSES):
        [message] = errors(f"wrong{number}")
        assert "correct" in message
    assert errors("secret") == ["Too many wrong passwords. Try again in 15 minutes."]
    assert errors("secret", address="192.0.2.2") == []
    UserFactory(username="bob").set_password("x")
    [message] = errors("wrong", name="bob")
    assert "correct" in message


@pytest.mark.usefixtures("account_passwords")
def test_one_count_for_all_routes(alice):
    """Guesses in Basic count here."""
    for number in range(GUESSES):
        basic = base64.b64encode(f"alice:wrong{number}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "OCS-APIRequest": "true"}
        answer = Client(REMOTE_ADDR="192.0.2.1").get(
            "/ocs/v2.php/apps/spreed/api/v4/room", headers=headers
        )
        assert answer.status_code == 401
    assert "Too many" in errors("secret")[0]


@pytest.mark.parametrize("missing", ["username", "password"])
def test_something_missing(alice, missing):
    """What is no guess does not count."""
    data = {"username": "alice", "password": "secret"} | {missing: ""}
    for _ in range(GUESSES + 1):
        form = LoginForm(RequestFactory().post("/"), data=data)
        assert not form.is_valid()
        assert list(form.errors) == [missing]


def test_inactive_account(alice):
    """An account that is switched off looks like a wrong password."""
    alice.is_active = False
    alice.save()
    assert "correct" in errors("secret")[0]


def test_demo_uses_it():
    """The login page of the demo counts."""
    from project.urls import urlpatterns

    [login] = [route for route in urlpatterns if getattr(route, "name", "") == "login"]
    assert login.callback.view_class is LoginView
    assert login.callback.view_initkwargs["authentication_form"] is LoginForm
