"""Making and revoking app passwords."""

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
    """Return a new app password and its secret, which nobody can read again.

    ``name`` tells what client it is for. Raises ``InvalidValue`` if it is too long.
    """
    if len(name) > NAME_MAX_LENGTH:
        raise InvalidValue(_("The name is longer than {most} characters."), most=NAME_MAX_LENGTH)
    secret = generate_app_password()
    app_password = AppPassword.objects.create(
        user=user, name=name, digest=app_password_digest(secret)
    )
    return app_password, secret


def revoke(app_password: AppPassword) -> None:
    """Make an app password worthless; one that is gone already is no error."""
    AppPassword.objects.filter(pk=app_password.pk).delete()
