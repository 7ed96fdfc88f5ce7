"""The key that signs tokens for clients of signaling servers, where the database keeps it."""

from django.db import models
from django.db.models import Q

from talk_calls.db.primary import PrimaryModel, PrimaryQuerySet

#: The primary key of the only row.
THE_KEY = 1


class SignalingKey(PrimaryModel):
    """The only signing key; rotating it replaces the row."""

    private_key = models.TextField(editable=False, help_text="PEM, encrypted.")
    #: When every signaling server knows it; tokens are signed with it from then on.
    used_from = models.DateTimeField(editable=False)

    objects = PrimaryQuerySet["SignalingKey"].as_manager()

    class Meta:
        """One row at most, which nobody edits in the admin."""

        constraints = [models.CheckConstraint(condition=Q(pk=THE_KEY), name="talk_one_key")]
        default_permissions = ()

    def __str__(self) -> str:
        """Return since when it is used."""
        return f"used from {self.used_from:%Y-%m-%d %H:%M}"
