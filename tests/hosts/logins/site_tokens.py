"""Tokens of Django REST framework and JWT of simplejwt, before our class and after it."""

from datetime import timedelta

import pytest
from django.conf import settings
from rest_framework.authtoken.models import Token
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from tests.hosts.logins.conftest import PASSWORD
from tests.hosts.logins.devices import Device, basic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["before ours", "after ours"])
def _order(request, settings) -> None:
    theirs, ours = settings.THEIRS, settings.OURS
    classes = [*theirs, ours] if request.param == "before ours" else [ours, *theirs]
    settings.TALK_CALLS = {"AUTHENTICATION": classes}


def jwt(user, **kwargs) -> str:
    """Return a JWT of the user."""
    token = AccessToken.for_user(user)
    if kwargs:
        token.set_exp(lifetime=timedelta(**kwargs))
    return str(token)


@pytest.fixture(params=["token", "jwt", "app password", "basic"])
def authorization(request, alice, secret) -> str:
    """Return a header of each kind that names Alice."""
    return {
        "token": lambda: f"Token {Token.objects.create(user=alice).key}",
        "jwt": lambda: f"Bearer {jwt(alice)}",
        "app password": lambda: f"Bearer {secret}",
        "basic": lambda: basic("alice", secret),
    }[request.param]()


def test_each_kind_opens_the_api_alone(authorization):
    """No page of the site, neither with the header nor by a cookie."""
    device = Device(authorization)
    assert device.is_in
    joined = device.post(
        "/ocs/v2.php/apps/spreed/api/v4/room?format=json",
        {"roomType": 3, "roomName": "Room"},
        headers={"OCS-APIRequest": "true", "Authorization": authorization},
    )
    token = joined.json()["ocs"]["data"]["token"]
    path = f"/ocs/v2.php/apps/spreed/api/v4/room/{token}/participants/active"
    headers = {"OCS-APIRequest": "true", "Authorization": authorization}
    assert device.post(path, headers=headers).status_code == 200
    assert device.cookies  # what it stores is which session is in which conversation
    assert device.opens_no_page()


def test_account_that_is_switched_off(alice, authorization):
    """Nothing of it works any more."""
    device = Device(authorization)
    alice.is_active = False
    alice.save()
    assert not device.is_in


WRONG = {
    "unknown token": lambda alice: "Token nonsense",
    "unknown bearer": lambda alice: "Bearer nonsense",
    "form of a JWT": lambda alice: "Bearer a.b.c",
    "old JWT": lambda alice: f"Bearer {jwt(alice, seconds=-1)}",
    "changed JWT": lambda alice: f"Bearer {jwt(alice)}x",
    "refresh token": lambda alice: f"Bearer {RefreshToken.for_user(alice)}",
    "form of an app password": lambda alice: "Bearer AAAAA-AAAAA-AAAAA-AAAAA-AAAAA",
    "account password": lambda alice: basic("alice", PASSWORD),
}


@pytest.mark.parametrize("make", WRONG.values(), ids=WRONG)
def test_wrong_ones(alice, make):
    """They are our 401, also beside the cookie of somebody who is logged in."""
    device = Device(make(alice))
    assert not device.is_in
    device.force_login(alice)
    assert not device.is_in


def test_session_of_the_site(alice):
    """Its own login is asked last, and needs no class in the list."""
    device = Device()
    assert not device.is_in
    device.force_login(alice)
    assert device.is_in
    assert len(settings.TALK_CALLS["AUTHENTICATION"]) == 3


def test_session_of_another_backend(settings, alice):
    """So is one that another site's login has opened, such as by OIDC."""
    backend = "django.contrib.auth.backends.RemoteUserBackend"
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, backend]
    device = Device()
    device.force_login(alice, backend=backend)
    assert device.is_in
    assert device.get("/login/flow").status_code == 200
