"""Creating, using and revoking app passwords."""

import contextlib
from datetime import datetime

from django.db import DatabaseError

from talk_calls import names
from talk_calls.db import transactions
from talk_calls.db.retries import retried
from talk_calls.host import clock
from talk_calls.host.actors import HostUser
from talk_calls.models import AppPassword, Attendee
from talk_calls.models.app_passwords import (
    LAST_USED_STEP,
    NAME_MAX_LENGTH,
    app_password_digest,
    generate_app_password,
)
from talk_calls.models.audit import AuditAction
from talk_calls.services import audit, participants


@retried
@transactions.atomic()
def create(
    *, user: HostUser, name: str, performed_by: Attendee | None = None
) -> tuple[AppPassword, str]:
    """Return a new app password and its secret, of which only a hash is stored.

    ``name`` is that of the client that will use it. ``performed_by`` is who acts, the user or an
    operator (``participants.operator``). Raises ``InvalidValue`` as ``names.checked`` does, for
    more than 100 characters.
    """
    name = names.checked(name, most=NAME_MAX_LENGTH)
    secret = generate_app_password()
    app_password = AppPassword.objects.create(
        user=user, name=name, digest=app_password_digest(secret)
    )
    _record(AuditAction.APP_PASSWORD_CREATED, app_password, performed_by)
    return app_password, secret


@retried
@transactions.atomic()
def revoke(app_password: AppPassword, *, performed_by: Attendee | None = None) -> None:
    """Delete an app password; do nothing if that was done before."""
    deleted, _rows = AppPassword.objects.filter(pk=app_password.pk).delete()
    if deleted:
        _record(AuditAction.APP_PASSWORD_REVOKED, app_password, performed_by)


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


def _record(action: AuditAction, app_password: AppPassword, by: Attendee | None) -> None:
    owner = participants.operator(app_password.user)
    audit.add(action, None, by, at=clock.now(), target=owner, client=app_password.name)
