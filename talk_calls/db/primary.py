"""Querysets, models and foreign keys that read where the app writes."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor

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


class PrimaryModel(models.Model):
    """The base of the app's models: rows are read again, and deferred fields, from the primary."""

    class Meta:
        """It has no table."""

        abstract = True

    def refresh_from_db(self, using: str | None = None, *args: Any, **kwargs: Any) -> None:
        super().refresh_from_db(using or transactions.alias(), *args, **kwargs)


class _PrimaryDescriptor(ForwardManyToOneDescriptor):
    """Loads the row that a foreign key refers to when it is first used, or prefetched."""

    def get_queryset(self, **hints: Any) -> "models.QuerySet[Any]":
        return super().get_queryset(**hints).using(transactions.alias())


_Set_contra = TypeVar("_Set_contra", contravariant=True)
_Get_co = TypeVar("_Get_co", covariant=True)


class PrimaryForeignKey(models.ForeignKey[_Set_contra, _Get_co]):
    """A foreign key that is followed in the database of the app's writes.

    Django asks the routers where to read the other row, and that may be a replica. This counts for
    users most: their model is the site's, and so are its querysets.
    """

    forward_related_accessor_class = _PrimaryDescriptor

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Be a plain foreign key in migrations, as only reads differ."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        """Check that there is such a row; raises ``ValidationError``, with Django's message."""
        models.Field.validate(self, value, model_instance)
        model, name = self.remote_field.model, self.remote_field.field_name
        rows = model._base_manager.using(transactions.alias())
        if value is None or rows.filter(**{str(name): value}).exists():
            return
        params = {"model": model._meta.verbose_name, "pk": value, "field": name, "value": value}
        raise ValidationError(self.error_messages["invalid"], code="invalid", params=params)
