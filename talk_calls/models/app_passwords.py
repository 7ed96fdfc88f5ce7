"""Passwords for one client each, so that users need not type their account password into apps."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from talk_calls import names
from talk_calls.db.compiled import CompiledQuery, Param
from talk_calls.db.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet
from talk_calls.models.client_names import recognisable

#: How many characters the name of an app password may have, which is that of a client.
NAME_MAX_LENGTH = 100

#: Uses within so much time of the stored one are not stored, since a client asks every second.
LAST_USED_STEP = timedelta(hours=1)

#: Groups and letters of a generated app password: 5 × 5 letters of 32 are 125 random bits.
GROUPS, GROUP_LENGTH = 5, 5
ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def generate_app_password() -> str:
    """Return a new app password such as ``KD2FR-…``: five groups of five letters or digits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def looks_like_app_password(password: str) -> bool:
    """Tell whether ``password`` has the form of a generated one, without a query."""
    parts = password.split("-")
    return len(parts) == GROUPS and all(len(part) == GROUP_LENGTH for part in parts)


def app_password_digest(password: str) -> str:
    """Return the hash that is stored.

    A fast hash is enough for 125 random bits, which cannot be guessed, and it is needed because a
    client sends the password with every request.
    """
    return hashlib.sha256(password.encode()).hexdigest()


class AppPasswordQuerySet(PrimaryQuerySet["AppPassword"]):
    """Reads of app passwords by their last use."""

    def unused_since(self, at: datetime) -> "AppPasswordQuerySet":
        """Return those that were not used after ``at``, or never."""
        return self.filter(models.Q(last_used_at=None) | models.Q(last_used_at__lte=at))


class AppPassword(PrimaryModel):
    """A revocable password of one user for one client."""

    user = PrimaryForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="talk_app_passwords",
    )
    name = models.CharField(
        _("name"), max_length=NAME_MAX_LENGTH, help_text=_("The client it is for.")
    )
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(
        null=True, editable=False, help_text="To the hour; empty if it was never used."
    )

    objects = AppPasswordQuerySet.as_manager()

    class Meta:
        """Digests are unique; unlike ``unique``, a constraint makes no index for LIKE."""

        verbose_name = _("app password")
        verbose_name_plural = _("app passwords")
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="talk_app_password_digest_unique"),
        ]
        permissions = [("revoke_apppassword", "Can revoke app passwords")]

    def __str__(self) -> str:
        """Return the client's name as it stands in a sentence."""
        return names.isolated(self.client)

    @property
    def client(self) -> str:
        """Return the name of the client as people know it, in the active language."""
        return recognisable(self.name)

    def has_stale_use(self, now: datetime) -> bool:
        """Tell whether a use at ``now`` has to be stored: there is none of the last hour."""
        return self.last_used_at is None or self.last_used_at <= now - LAST_USED_STEP


def find_app_password(password: str) -> AppPassword | None:
    """Return the app password with its user in one query, or None."""
    return _WITH_USER.first(digest=app_password_digest(password))


def _with_user() -> models.QuerySet[AppPassword]:
    digest = Param("digest", AppPassword._meta.get_field("digest"))
    return AppPassword.objects.select_related("user").filter(digest=digest)


_WITH_USER = CompiledQuery(_with_user)
