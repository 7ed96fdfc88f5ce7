"""django-allauth: verified addresses, MFA, and authenticating again."""

import base64
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import checks
from django.utils import timezone
from django_otp.oath import totp

from talk_calls.models import AppPassword
from tests.accounts.browser import Browser, heading
from tests.hosts.logins.conftest import PASSWORD
from tests.hosts.logins.devices import Device, basic

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXP"
QUESTION = "Give an app access to your account?"


@pytest.fixture
def address(alice) -> EmailAddress:
    """Return the verified address of Alice."""
    return EmailAddress.objects.create(
        user=alice, email="alice@example.org", primary=True, verified=True
    )


@pytest.fixture
def _mfa(alice, address) -> None:
    """Give Alice a second factor."""
    kind = Authenticator.Type.TOTP
    Authenticator.objects.create(user=alice, type=kind, data={"secret": SECRET})


def code() -> str:
    """Return what an authenticator app shows now."""
    return f"{totp(base64.b32decode(SECRET)):06}"


def log_in(browser: Browser, next_path: str, *, step_two: bool):
    """Log in by the pages of allauth; return the last answer."""
    form = browser.get("/members/login/", {"next": next_path})
    fields = {"login": "alice", "password": PASSWORD, "next": next_path}
    answer = browser.submit(form, "/members/login/", **fields)
    if not step_two:
        return answer
    assert answer["Location"].startswith("/members/2fa/authenticate/")
    form = browser.get(answer["Location"])
    return browser.submit(form, "/members/2fa/authenticate/", code=code(), next=next_path)


def test_address_that_is_not_verified(alice, address):
    """The password alone is not enough, as at allauth's own page."""
    EmailAddress.objects.update(verified=False)
    device = Device(basic("alice", PASSWORD))
    assert not device.is_in
    EmailAddress.objects.update(verified=True)
    assert device.is_in
    assert device.opens_no_page()
    EmailAddress.objects.update(verified=False)
    assert not device.is_in


def test_no_address_at_all(alice):
    """Nobody has verified what nobody has given."""
    assert not Device(basic("alice", PASSWORD)).is_in


def test_sites_that_do_not_insist(settings, alice):
    """Then an address is no matter."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "optional"
    assert Device(basic("alice", PASSWORD)).is_in


@pytest.mark.usefixtures("_mfa")
def test_password_of_a_user_with_mfa():
    """It is like a wrong one."""
    right, wrong = (Device(basic("alice", each)).ask() for each in (PASSWORD, "wrong"))
    assert right.status_code == 401
    assert right.content == wrong.content


@pytest.mark.usefixtures("_mfa")
def test_app_password_of_a_user_with_mfa(secret):
    """That is how their clients come in, and to nothing else."""
    for authorization in (basic("alice", secret), f"Bearer {secret}"):
        device = Device(authorization)
        assert device.is_in
        assert device.opens_no_page()


@pytest.mark.usefixtures("_mfa")
def test_half_a_login_makes_no_app_password():
    """After the password and before the code nobody is logged in."""
    browser = Browser()
    log_in(browser, "/login/flow", step_two=False)
    answer = browser.get("/login/flow")
    assert answer["Location"] == "/members/login/?next=/login/flow"


@pytest.mark.usefixtures("_mfa")
def test_making_an_app_password_with_mfa():
    """Password, code, question, answer."""
    browser = Browser()
    assert log_in(browser, "/login/flow", step_two=True)["Location"] == "/login/flow"
    question = browser.get("/login/flow")
    assert heading(question) == QUESTION
    granted = browser.submit(question, "/login/flow", decision="grant")
    [secret] = re.findall(r"password:([A-Z0-9-]+)\Z", granted["Location"])
    assert Device(basic("alice", secret)).is_in


def test_authenticating_again(alice, address):
    """A stale login is led to allauth's own page for that, and from there back."""
    browser, start = Browser(), timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        assert log_in(browser, "/login/flow", step_two=False)["Location"] == "/login/flow"
        question = browser.get("/login/flow")
        assert heading(question) == QUESTION
        clock.move_to(start + timedelta(seconds=900))
        for answer in (
            browser.get("/login/flow"),
            browser.submit(question, "/login/flow", decision="grant"),
        ):
            page = urlsplit(answer["Location"])
            assert (page.path, parse_qs(page.query)) == (
                "/members/reauthenticate/",
                {"next": ["/login/flow"]},
            )
        assert not AppPassword.objects.exists()
        form = browser.get(answer["Location"])
        fields = {"password": PASSWORD, "next": "/login/flow"}
        back = browser.submit(form, "/members/reauthenticate/", **fields)
        assert back["Location"] == "/login/flow"
        assert heading(browser.get("/login/flow")) == QUESTION


def test_user_who_cannot_authenticate_again(alice, address):
    """Without a password or a second factor they log out and in again."""
    alice.set_unusable_password()
    alice.save()
    EmailAddress.objects.all().delete()
    browser, start = Browser(), timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        browser.force_login(alice)
        clock.move_to(start + timedelta(seconds=900))
        answer = browser.get("/login/flow")
    assert answer["Location"] == "/talk/log-in-again/?next=%2Flogin%2Fflow"


def test_warning():
    """The site is told that its account passwords do less than its logins."""
    found = [each for each in checks.run_checks() if each.id == "talk_calls.W003"]
    assert "allauth.mfa" in found[0].msg
