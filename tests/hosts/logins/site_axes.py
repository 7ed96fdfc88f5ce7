"""Lock-outs by django-axes hold for the API, and are no error of ours."""

import pytest
from axes.models import AccessAttempt
from django.conf import settings

from tests.hosts.logins.conftest import PASSWORD
from tests.hosts.logins.devices import Device, basic

pytestmark = pytest.mark.django_db


def test_right_password(alice):
    """It opens the API, and no page of the site."""
    device = Device(basic("alice", PASSWORD))
    assert device.is_in
    assert device.opens_no_page()


def lock_out() -> list[int]:
    """Guess until axes has had enough; return the statuses of the answers."""
    guesses = range(settings.AXES_FAILURE_LIMIT)
    return [Device(basic("alice", f"guess {each}")).ask().status_code for each in guesses]


def test_guesses_are_counted(alice):
    """Each wrong password is one for axes, which sees name and address."""
    Device(basic("alice", "wrong")).ask()
    attempt = AccessAttempt.objects.get()
    assert (attempt.username, attempt.failures_since_start) == ("alice", 1)
    assert attempt.ip_address == "127.0.0.1"
    assert "wrong" not in str(vars(attempt))


def test_lock_out(alice):
    """Then even the right password is refused, with 401 or with the 429 of axes."""
    assert lock_out() == [401, 401, 429]
    answer = Device(basic("alice", PASSWORD)).ask()
    assert answer.status_code == 429
    assert b"alice@" not in answer.content


def test_lock_out_without_its_middleware(settings, alice):
    """The answer is ours then."""
    settings.MIDDLEWARE = [path for path in settings.MIDDLEWARE if "axes" not in path]
    lock_out()
    assert not Device(basic("alice", PASSWORD)).is_in


def test_lock_out_at_the_login_page(client, alice):
    """Guesses there close the API as well."""
    for number in range(settings.AXES_FAILURE_LIMIT):
        client.post("/accounts/login/", {"username": "alice", "password": f"guess {number}"})
    assert Device(basic("alice", PASSWORD)).ask().status_code == 429


def test_app_passwords_are_no_guesses(alice, secret):
    """A client that has one goes on during a lock-out."""
    lock_out()
    assert Device(basic("alice", secret)).is_in
    assert Device(f"Bearer {secret}").is_in
