"""Logins of apps that their users have granted in a browser (clients 5)."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from talk_calls import names
from talk_calls.db.primary import PrimaryForeignKey, PrimaryMixin, PrimaryModel
from talk_calls.models.app_passwords import NAME_MAX_LENGTH
from talk_calls.models.client_names import recognisable

#: How long a login takes at most, from the app's first request to the one that gets the password.
LIFETIME = timedelta(minutes=20)


def login_flow_digest(poll_token: str) -> str:
    """Return the stored form of a poll token; a fast hash is enough for random bits."""
    return hashlib.sha256(poll_token.encode()).hexdigest()


class LoginFlowQuerySet(PrimaryMixin, models.QuerySet["LoginFlow"]):
    """Reads of logins by age."""

    def open(self, now: datetime) -> "LoginFlowQuerySet":
        """Return the logins for which an app may still get its password."""
        return self.filter(started_at__gt=now - LIFETIME, redeemed_at=None)

    def expired(self, now: datetime) -> "LoginFlowQuerySet":
        """Return the logins whose rows may be deleted."""
        return self.filter(started_at__lte=now - LIFETIME)


class LoginFlow(PrimaryModel):
    """A login that a user has granted; the row is kept until ``LIFETIME`` after its start.

    There is no row before: anybody may start a login, and those must not fill the table. The row
    has no password, which is created when the app asks for it. After that the row prevents that
    the same login is granted again.
    """

    digest = models.CharField(max_length=64, editable=False)
    user = PrimaryForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    client_name = models.CharField(max_length=NAME_MAX_LENGTH)
    started_at = models.DateTimeField(db_index=True)
    granted_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)

    objects = LoginFlowQuerySet.as_manager()

    class Meta:
        """One row per digest, so that only one of two simultaneous grants succeeds."""

        constraints = [
            models.UniqueConstraint(fields=["digest"], name="talk_login_flow_digest_unique"),
        ]

    def __str__(self) -> str:
        """Return the client's name as it stands in a sentence."""
        return names.isolated(recognisable(self.client_name))
