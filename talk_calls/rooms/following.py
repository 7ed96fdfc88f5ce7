"""Signals of the host that keep rooms in step with their objects.

A receiver notes which objects a change concerns, and their rooms are brought up to date once it is
committed. However many changes a transaction makes, the room of an object is synchronized once.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import ModelSignal, m2m_changed, post_delete, post_save, pre_save

from talk_calls.db import transactions
from talk_calls.rooms import objects
from talk_calls.rooms.model_room import ModelRoom, OnDelete
from talk_calls.rooms.paths import NoSuchPath, Relation, relations
from talk_calls.services import links

_Receiver = Callable[..., None]

#: What is connected for a model: signal, sender and identifier.
_connections: dict[type[Model], list[tuple[ModelSignal, type[Model], str]]] = defaultdict(list)


def connect(definition: ModelRoom) -> None:
    """Listen to the objects of a model and to the relations that are followed.

    A path that leads nowhere is passed over: the system check ``talk_calls.E014`` reports it.
    """
    follower = _Follower(definition)
    for model in _with_heirs(definition.model):
        follower.listen(post_save, model, follower.object_saved)
        follower.listen(post_delete, model, follower.object_deleted)
    for path in definition.follow:
        try:
            found = list(relations(definition.model, path))
        except NoSuchPath:
            continue
        for relation in found:
            follower.follow(relation)


def disconnect(model: type[Model]) -> None:
    """Listen no more for the rooms of a model."""
    for signal, sender, uid in _connections.pop(model, []):
        signal.disconnect(sender=sender, dispatch_uid=uid)


def _with_heirs(model: type[Model]) -> list[type[Model]]:
    """Return a model and those that inherit from it: signals name the class of the object."""
    return [each for each in apps.get_models(include_auto_created=True) if issubclass(each, model)]


class _Follower:
    """The receivers for one registered model."""

    def __init__(self, definition: ModelRoom) -> None:
        self.definition = definition
        self.model = definition.model

    def listen(self, signal: ModelSignal, sender: type[Model], receiver: _Receiver) -> None:
        made = _connections[self.model]
        uid = f"talk_calls.rooms.{self.model._meta.label}.{len(made)}"
        signal.connect(receiver, sender=sender, weak=False, dispatch_uid=uid)
        made.append((signal, sender, uid))

    def object_saved(
        self, instance: Model, created: bool, raw: bool, using: str, **kwargs: object
    ) -> None:
        """Update the room of a saved object; a new object may get one."""
        if not raw:
            self._later([instance.pk], using, may_make=created and self.definition.create_on_save)

    def object_deleted(self, instance: Model, using: str, **kwargs: object) -> None:
        """Delete the room of a deleted object, or take the link from it."""
        pk = instance.pk  # Django takes it from the instance afterwards
        transactions.on_commit(lambda: let_go(self.definition, pk), robust=True, using=using)

    def follow(self, relation: Relation) -> None:
        """Listen to whatever changes a relation."""
        if relation.is_many_to_many:
            self._follow_many_to_many(relation)
            self._follow_rows(relation, relation.through)
        elif relation.is_reverse:
            self._follow_rows(relation, relation.target)
        else:
            self._follow_target(relation)

    def _follow_rows(self, relation: Relation, model: type[Model]) -> None:
        """Listen to rows that have a foreign key to the source of the relation."""
        key = relation.key
        note = f"_talk_calls_{key.attname}_before"

        def before(instance: Model, raw: bool, using: str, **kwargs: object) -> None:
            """Note whose row this is before it is saved; it may move to another object."""
            if raw or instance._state.adding:
                return
            rows = type(instance)._base_manager.using(using).filter(pk=instance.pk)
            vars(instance)[note] = rows.values_list(key.attname, flat=True).first()

        def after(instance: Model, using: str, raw: bool = False, **kwargs: object) -> None:
            if raw:
                return
            values = {getattr(instance, key.attname), vars(instance).pop(note, None)} - {None}
            self._later(self._objects(relation.before, key.target_field.name, values), using)

        for heir in _with_heirs(model):
            self.listen(pre_save, heir, before)
            self.listen(post_save, heir, after)
            self.listen(post_delete, heir, after)

    def _follow_many_to_many(self, relation: Relation) -> None:
        """Listen to ``add``, ``remove``, ``set`` and ``clear``, from either side."""

        def changed(
            instance: Model,
            action: str,
            reverse: bool,
            pk_set: set[Any] | None,
            using: str,
            **kwargs: object,
        ) -> None:
            if action not in {"post_add", "post_remove", "pre_clear"}:
                return
            if reverse == relation.is_reverse:
                sources: Iterable[Any] = [instance.pk]
            elif pk_set is not None:
                sources = pk_set
            else:  # a clear, after which they cannot be found
                rows = relation.source._base_manager.using(using)
                sources = list(rows.filter(**{relation.field.name: instance}).values_list("pk"))
                sources = [pk for (pk,) in sources]
            self._later(self._objects(relation.before, "pk", sources), using)

        self.listen(m2m_changed, relation.through, changed)

    def _follow_target(self, relation: Relation) -> None:
        """Listen to the objects that a foreign key leads to."""

        def saved(instance: Model, created: bool, raw: bool, using: str, **kwargs: object) -> None:
            if not raw and not created:
                path = f"{relation.before}__{relation.field.name}".removeprefix("__")
                self._later(self._objects(path, "pk", [instance.pk]), using)

        for heir in _with_heirs(relation.target):
            self.listen(post_save, heir, saved)

    def _objects(self, path: str, field: str, values: Iterable[Any]) -> list[Any]:
        """Return the primary keys of the objects from which ``path`` leads to one of ``values``."""
        if not path and field in {"pk", self.model._meta.pk.name}:
            return list(values)
        condition = {f"{path}__{field}__in".removeprefix("__"): list(values)}
        rows = self.model._base_manager.filter(**condition)
        return list(rows.values_list("pk", flat=True).distinct())

    def _later(self, pks: Iterable[Any], using: str, *, may_make: bool = False) -> None:
        """Synchronize the rooms of objects once the open transaction is committed."""
        for pk in pks:
            transactions.on_commit(
                _Update(self.definition, pk, using, may_make=may_make), robust=True, using=using
            )


class _Order(threading.local):
    """Numbers the changes of a thread, and knows after which of them a room was synchronized."""

    def __init__(self) -> None:
        self.last = 0
        self.synchronized: dict[tuple[type[Model], Any, str], int] = {}

    def next(self) -> int:
        """Return the number of a new change; what was synchronized before does not know it."""
        self.last += 1
        self.synchronized.clear()
        return self.last


_order = _Order()


class _Update:
    """The update of one room after a commit; the first of a transaction does it for all."""

    def __init__(self, definition: ModelRoom, pk: Any, using: str, *, may_make: bool) -> None:
        self.definition, self.pk, self.using, self.may_make = definition, pk, using, may_make
        self.number = _order.next()
        self.__qualname__ = f"rooms.update.{definition.model._meta.label}"  # for Django's log

    def __call__(self) -> None:
        key = (self.definition.model, self.pk, self.using)
        if _order.synchronized.get(key, 0) >= self.number:
            return
        if _update(self.definition, self.pk, may_make=self.may_make):
            _order.synchronized[key] = _order.last


def _update(definition: ModelRoom, pk: Any, *, may_make: bool) -> bool:
    """Bring the room of an object up to date; False if there is none and none is to be made."""
    room = links.find(objects.link_to(definition.model, pk))
    if room is None and not may_make:
        return False
    obj = definition.model._base_manager.filter(pk=pk).first()
    if obj is None:  # deleted in the same transaction
        return True
    if room is None:
        objects.room_for(obj)
    else:
        objects.update(room, obj, definition)
    return True


def let_go(definition: ModelRoom, pk: Any) -> bool:
    """Do with the room of a deleted object what its class says; False if there is none."""
    room = links.find(objects.link_to(definition.model, pk))
    if room is None:
        return False
    if definition.on_delete is OnDelete.DELETE:
        objects.delete(room)
    else:
        objects.unlink(room)
    return True
