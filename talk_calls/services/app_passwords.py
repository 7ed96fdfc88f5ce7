"""Creating, using and revoking app passwords."""

import contextlib
from datetime import datetime

from django.db import DatabaseError

from talk_calls import names
from talk_calls.db import transactions
from talk_calls.host.actors import HostUser
from talk_calls.models import AppPassword
from talk_calls.models.app_passwords import (
    LAST_USED_STEP,
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


def store_use(app_password: AppPassword, now: datetime) -> None:
    """Store that a client uses the password, unless a use of the last hour is stored.

    That is a statement an hour, of one of the client's simultaneous requests. The request does
    without it where the database cannot write.
    """
    if not app_password.has_stale_use(now):
        return
    stale = AppPassword.objects.unused_since(now - LAST_USED_STEP).filter(pk=app_password.pk)
    with contextlib.suppress(DatabaseError), transactions.atomic():
        stale.update(last_used_at=now)
