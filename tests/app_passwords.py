"""App passwords of clients that are in use."""

from django.contrib.auth.models import AbstractBaseUser
from django.utils import timezone

from talk_calls.services import app_passwords


def app_password_in_use(user: AbstractBaseUser) -> str:
    """Return a new app password that its client used just now, so that nothing is stored soon."""
    app_password, secret = app_passwords.create(user=user, name="test")
    app_passwords.store_use(app_password, timezone.now())
    return secret
