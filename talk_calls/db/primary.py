"""Querysets that read where the app writes."""

from typing import TypeVar

from django.db import models

from talk_calls.db import transactions

Model_co = TypeVar("Model_co", bound=models.Model, covariant=True)


class PrimaryMixin:
    """Lets a queryset never read from a replica, unless ``using`` names one.

    Reads under the lock of a conversation decide what is written, so they must see what the last
    holder of the lock committed. A replica may not have that yet.
    """

    _db: str | None

    @property
    def db(self) -> str:
        """Return the database of the app's writes, whatever routers choose for reads."""
        return self._db or transactions.alias()


class PrimaryQuerySet(PrimaryMixin, models.QuerySet[Model_co]):
    """The queryset of models that need no further methods."""
