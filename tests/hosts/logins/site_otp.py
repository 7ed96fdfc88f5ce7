"""Second factors by django-otp: a password alone is nobody's."""

import pytest
from django.core import checks
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticDevice

from tests.hosts.logins.conftest import PASSWORD
from tests.hosts.logins.devices import Device, basic

pytestmark = pytest.mark.django_db


def give_device(user, *, confirmed: bool = True) -> StaticDevice:
    """Give the user a second factor."""
    return StaticDevice.objects.create(user=user, name="paper", confirmed=confirmed)


def test_password_of_a_user_without_a_second_factor(alice):
    """It opens the API, and no page of the site."""
    device = Device(basic("alice", PASSWORD))
    assert device.is_in
    assert device.opens_no_page()


def test_password_of_a_user_with_a_second_factor(alice):
    """It is like a wrong one, by whatever is remembered from before."""
    device = Device(basic("alice", PASSWORD))
    assert device.is_in
    factor = give_device(alice, confirmed=False)
    assert device.is_in
    factor.confirmed = True
    factor.save()
    assert not device.is_in
    assert not Device(basic("alice", PASSWORD)).is_in
    right, wrong = (Device(basic("alice", each)).ask() for each in (PASSWORD, "wrong"))
    assert (right.content, right.status_code) == (wrong.content, wrong.status_code)


def test_app_password_of_a_user_with_a_second_factor(alice, secret):
    """That is how their clients come in, and to nothing else."""
    give_device(alice)
    for authorization in (basic("alice", secret), f"Bearer {secret}"):
        device = Device(authorization)
        assert device.is_in
        assert device.opens_no_page()


def test_making_an_app_password(alice):
    """It takes a session that the second factor has verified, however fresh the login is."""
    browser = Client()
    browser.force_login(alice)
    assert browser.get("/login/flow").status_code == 200
    factor = give_device(alice)
    asked = browser.get("/login/flow")
    assert (asked.status_code, asked["Location"]) == (
        302,
        "/talk/log-in-again/?next=%2Flogin%2Fflow",
    )
    assert browser.post("/login/flow", {"decision": "grant"})["Location"] == asked["Location"]
    session = browser.session
    session[DEVICE_ID_SESSION_KEY] = factor.persistent_id
    session.save()
    assert browser.get("/login/flow").status_code == 200


def test_warning():
    """The site is told that its account passwords do less than its logins."""
    found = [each for each in checks.run_checks() if each.id == "talk_calls.W003"]
    assert "django_otp" in found[0].msg
