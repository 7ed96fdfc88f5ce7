"""The older login: a page in the app's own window, and a redirect that the app catches."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from talk_calls.models import AppPassword
from tests.accounts.browser import GUARDED, Browser, guards, heading, text
from tests.factories import UserFactory
from tests.ocs_client import OCSClient

pytestmark = pytest.mark.django_db

PASSWORD = r"((?:[A-Z0-9]{5}-){4}[A-Z0-9]{5})"


@pytest.fixture
def window(alice) -> Browser:
    """Return the window of an app, in which Alice is logged in."""
    window = Browser(headers={"User-Agent": "Talk <iOS>"})
    window.force_login(alice)
    return window


def test_login_first(prefix):
    """Nobody is asked before they log in."""
    answer = Browser().get(f"{prefix}/login/flow")
    expected = (302, f"/accounts/login/?next={prefix}/login/flow")
    assert (answer.status_code, answer["Location"]) == expected


def test_grant(window, prefix):
    """The app gets address, name and password of an account that it can use at once."""
    page = window.get(f"{prefix}/login/flow")
    assert (page.status_code, heading(page)) == (200, "Give an app access to your account?")
    assert "<strong><bdi>Talk &lt;iOS&gt;</bdi></strong>" in text(page)
    assert guards(page) == GUARDED
    assert not AppPassword.objects.exists()

    answer = window.submit(page, f"{prefix}/login/flow", decision="grant")
    assert answer.status_code == 302
    login = re.fullmatch(
        rf"nc://login/server:http://testserver&user:alice%40home&password:{PASSWORD}",
        answer["Location"],
    )
    assert login, answer["Location"]
    assert guards(answer) == GUARDED
    assert AppPassword.objects.get().name == "Talk <iOS>"
    device = OCSClient(service="cloud", username="alice@home", password=login[1])
    assert device.get("user").data["id"] == "alice@home"


@pytest.mark.parametrize("name", ["a&password:x", "ä b", "100%", "a:b/c", "a" * 150])
def test_names_are_quoted(name):
    """No name can pass for another field of the redirect."""
    window = Browser()
    window.force_login(UserFactory(username=name))
    answer = window.submit(window.get("/login/flow"), "/login/flow", decision="grant")
    quoted = {"a&password:x": "a%26password%3Ax", "ä b": "%C3%A4%20b", "100%": "100%25"}
    quoted |= {"a:b/c": "a%3Ab%2Fc"}
    user = re.escape(quoted.get(name, name))
    assert re.search(rf"&user:{user}&password:{PASSWORD}\Z", answer["Location"])


def test_deny(window, prefix):
    """Denying creates no app password."""
    page = window.get(f"{prefix}/login/flow")
    answer = window.submit(page, f"{prefix}/login/flow", decision="deny")
    assert (answer.status_code, heading(answer)) == (200, "The app was denied access")
    assert guards(answer) == GUARDED
    assert not AppPassword.objects.exists()


@pytest.mark.parametrize("decision", ["", "GRANT", "yes"])
def test_no_decision(window, decision):
    """Anything but the two is refused."""
    answer = window.submit(window.get("/login/flow"), "/login/flow", decision=decision)
    assert answer.status_code == 400
    assert not AppPassword.objects.exists()


def test_grant_needs_the_form(window):
    """Another site cannot press the button, and no link can."""
    window.get("/login/flow")
    assert window.post("/login/flow", {"decision": "grant"}).status_code == 403
    assert window.get("/login/flow?decision=grant").status_code == 200
    assert not AppPassword.objects.exists()


def test_account_that_is_switched_off(settings, alice):
    """Such an account gets no password, also where a site lets it keep its session."""
    settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.AllowAllUsersModelBackend"]
    window = Client()
    window.force_login(alice)
    User.objects.update(is_active=False)
    assert window.get("/login/flow").status_code == 403
    assert window.post("/login/flow", {"decision": "grant"}).status_code == 403
    assert not AppPassword.objects.exists()
