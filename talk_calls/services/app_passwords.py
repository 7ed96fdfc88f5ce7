"""Making app passwords."""

from talk_calls.actors import HostUser
from talk_calls.models import AppPassword
from talk_calls.models.app_passwords import app_password_digest, generate_app_password


def create(*, user: HostUser, name: str) -> tuple[AppPassword, str]:
    """Return a new app password and its secret, which nobody can read again."""
    secret = generate_app_password()
    app_password = AppPassword.objects.create(
        user=user, name=name, digest=app_password_digest(secret)
    )
    return app_password, secret
