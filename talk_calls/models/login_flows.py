"""Logins of apps by way of a browser, which their users have granted (clients 5)."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from talk_calls.db.querysets import PrimaryMixin
from talk_calls.models.app_passwords import NAME_MAX_LENGTH

#: How long a login takes at most, from the app's first request to the one that gets the password.
LIFETIME = timedelta(minutes=20)


def login_flow_digest(poll_token: str) -> str:
    """Return the stored form of a poll token; a fast hash will do for random bits."""
    return hashlib.sha256(poll_token.encode()).hexdigest()


class LoginFlowQuerySet(PrimaryMixin, models.QuerySet["LoginFlow"]):
    """Querysets that name their use."""

    def open(self, now: datetime) -> "LoginFlowQuerySet":
        """Return the logins for which an app may still get its password."""
        return self.filter(started_at__gt=now - LIFETIME, redeemed_at=None)

    def expired(self, now: datetime) -> "LoginFlowQuerySet":
        """Return the logins that are of no use any more."""
        return self.filter(started_at__lte=now - LIFETIME)


class LoginFlow(models.Model):
    """A login that its user granted, from then until it is too old.

    Before that there is no row: anybody may start a login, and what nobody granted costs nothing.
    There is no password in it either; that is made when the app comes. Then the row stays for a
    while, so that nobody grants the same login again.
    """

    digest = models.CharField(max_length=64, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    client_name = models.CharField(max_length=NAME_MAX_LENGTH)
    started_at = models.DateTimeField(db_index=True)
    granted_at = models.DateTimeField()
    redeemed_at = models.DateTimeField(null=True)

    objects = LoginFlowQuerySet.as_manager()

    class Meta:
        """Found by digest, which also makes one grant of two win."""

        constraints = [
            models.UniqueConstraint(fields=["digest"], name="talk_login_flow_digest_unique"),
        ]

    def __str__(self) -> str:
        """Return the client's name."""
        return self.client_name
