"""Creating and revoking app passwords."""

from django.utils.translation import gettext_lazy as _

from talk_calls.exceptions import InvalidValue
from talk_calls.host.actors import HostUser
from talk_calls.models import AppPassword
from talk_calls.models.app_passwords import (
    NAME_MAX_LENGTH,
    app_password_digest,
    generate_app_password,
)


def create(*, user: HostUser, name: str) -> tuple[AppPassword, str]:
    """Return a new app password and its secret, of which only a hash is stored.

    ``name`` is that of the client that will use it. Raises ``InvalidValue`` if it is too long.
    """
    if len(name) > NAME_MAX_LENGTH:
        raise InvalidValue(_("The name is longer than {most} characters."), most=NAME_MAX_LENGTH)
    secret = generate_app_password()
    app_password = AppPassword.objects.create(
        user=user, name=name, digest=app_password_digest(secret)
    )
    return app_password, secret


def revoke(app_password: AppPassword) -> None:
    """Delete an app password; do nothing if that was done before."""
    AppPassword.objects.filter(pk=app_password.pk).delete()
