"""Creating and revoking app passwords."""

from talk_calls import names
from talk_calls.host.actors import HostUser
from talk_calls.models import AppPassword
from talk_calls.models.app_passwords import (
    NAME_MAX_LENGTH,
    app_password_digest,
    generate_app_password,
)


def create(*, user: HostUser, name: str) -> tuple[AppPassword, str]:
    """Return a new app password and its secret, of which only a hash is stored.

    ``name`` is that of the client that will use it. Raises ``InvalidValue`` as ``names.checked``
    does, for more than 100 characters.
    """
    name = names.checked(name, most=NAME_MAX_LENGTH)
    secret = generate_app_password()
    app_password = AppPassword.objects.create(
        user=user, name=name, digest=app_password_digest(secret)
    )
    return app_password, secret


def revoke(app_password: AppPassword) -> None:
    """Delete an app password; do nothing if that was done before."""
    AppPassword.objects.filter(pk=app_password.pk).delete()
