"""The relations along a path of ``ModelRoom.follow``, and what to listen to for each.

A path leads from the registered model over relations, as in a query: ``members``,
``membership__user``, ``team__members``. A change of any relation on it may change who belongs to a
room.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import ForeignKey, ForeignObjectRel, ManyToManyField, ManyToManyRel, Model


class NoSuchPath(Exception):
    """A path that does not consist of relations that can be followed; ``str()`` says why."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation on a path.

    ``source`` is the model that it starts from, and ``before`` the path to that model, which is
    empty for the registered one. ``field`` is the forward or reverse field.
    """

    source: type[Model]
    before: str
    field: Any

    @property
    def is_many_to_many(self) -> bool:
        """Tell whether it has a table between two models."""
        return isinstance(self.field, ManyToManyField | ManyToManyRel)

    @property
    def is_reverse(self) -> bool:
        """Tell whether the field that makes the relation is on the other model."""
        return isinstance(self.field, ForeignObjectRel)

    @property
    def target(self) -> type[Model]:
        """Return the model that it leads to."""
        target: type[Model] = self.field.related_model
        return target

    @property
    def through(self) -> type[Model]:
        """Return the model between, of a relation of many to many."""
        holder = self.field if self.is_reverse else self.field.remote_field
        through: type[Model] = holder.through
        return through

    @property
    def key(self) -> ForeignKey:
        """Return the foreign key that rows beside ``source`` have to it.

        These are the rows of a reverse foreign key, and those between many and many.
        """
        if not self.is_many_to_many:
            key = self.field.field
        else:
            many = self.field.field if self.is_reverse else self.field
            name = many.m2m_reverse_field_name() if self.is_reverse else many.m2m_field_name()
            key = self.through._meta.get_field(name)
        assert isinstance(key, ForeignKey)  # noqa: S101 -- by what `relations` lets pass
        return key


def relations(model: type[Model], path: str) -> Iterator[Relation]:
    """Yield the relations along a path from ``model``; raises ``NoSuchPath``."""
    before: list[str] = []
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            raise NoSuchPath(f"{model._meta.label} has no relation {name!r}.") from None
        forward = field.field if isinstance(field, ForeignObjectRel) else field
        if not isinstance(forward, ForeignKey | ManyToManyField):
            raise NoSuchPath(f"{model._meta.label}.{name} is no foreign key or many-to-many field.")
        yield Relation(model, "__".join(before), field)
        before.append(name)
        model = field.related_model  # type: ignore[assignment] # a relation has one
