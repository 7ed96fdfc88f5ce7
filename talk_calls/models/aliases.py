"""What stored history may call an account, beside what the account is called now."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from talk_calls.db.primary import PrimaryForeignKey, PrimaryModel, PrimaryQuerySet


class AliasKind(StrEnum):
    """What an alias is: of an account before it was changed, or in place of all that it has."""

    USER_ID = "user_id"
    EMAIL = "email"
    PSEUDONYM = "pseudonym"


class Alias(PrimaryModel):
    """An earlier user id or e-mail address of an account, or the pseudonym of an erasure.

    Messages name people without a foreign key, as clients knew them. Without its earlier ids, the
    messages of an account could not be found, and another account may have got the id since:
    ``until`` says until when it was this one's. A pseudonym takes the place of an account in
    history while that is erased; the row goes when the erasure is complete.
    """

    user = PrimaryForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10)
    value = models.CharField(max_length=255)
    until = models.DateTimeField(default=timezone.now)

    objects = PrimaryQuerySet["Alias"].as_manager()

    class Meta:
        """An account has one pseudonym at most."""

        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["user", "kind", "value"], name="talk_alias_once"),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(kind=AliasKind.PSEUDONYM.value),
                name="talk_alias_one_pseudonym",
            ),
        ]
        indexes = [models.Index(fields=["kind", "value"], name="talk_alias_by_value")]

    def __str__(self) -> str:
        """Return the kind, as the value is personal data."""
        return self.kind
