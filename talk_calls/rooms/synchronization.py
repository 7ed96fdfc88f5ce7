"""Bringing all rooms up to date at once: for old objects, and after bulk changes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model

from talk_calls.models import Conversation
from talk_calls.rooms import following, objects, registry
from talk_calls.rooms.model_room import ModelRoom
from talk_calls.services import links

#: Objects that are read at a time.
BATCH = 500

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Synchronized:
    """How many rooms were made, changed, left as they were, and let go with their object."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


def sync_all(
    models: list[type[Model]] | None = None,
    *,
    progress: Progress = lambda done, total: None,
) -> dict[str, Synchronized]:
    """Synchronize the rooms of all objects of registered models; return the counts by model.

    ``models`` are those to take, by default all. ``progress`` is called with how many objects are
    done, and with their number. Each room is changed in a transaction of its own, so this may be
    stopped and repeated.
    """
    chosen = [each for each in registry.every() if models is None or each.model in models]
    total = sum(each.model._base_manager.count() for each in chosen)
    done = 0
    results = {}
    for definition in chosen:
        counts = results[definition.model._meta.label] = Synchronized()
        for obj in definition.model._base_manager.order_by("pk").iterator(chunk_size=BATCH):
            progress(done, total)
            _sync(definition, obj, counts)
            done += 1
        counts.removed = sum(following.let_go(definition, pk) for pk in _gone(definition))
    progress(done, total)
    return results


def _sync(definition: ModelRoom, obj: Model, counts: Synchronized) -> None:
    room = links.find(objects.link_to(definition.model, obj.pk))
    if room is None:
        if definition.create_on_save:
            objects.room_for(obj)
            counts.created += 1
    elif objects.update(room, obj, definition):
        counts.changed += 1
    else:
        counts.unchanged += 1


def _gone(definition: ModelRoom) -> Iterator[Any]:
    """Yield the primary keys, as text, of deleted objects whose room is still there."""
    linked = Conversation.objects.filter(linked_model=definition.model._meta.label_lower)
    pks = list(linked.order_by("pk").values_list("linked_pk", flat=True))
    for start in range(0, len(pks), BATCH):
        batch = pks[start : start + BATCH]
        keys = {text: _key(definition.model, text) for text in batch}
        found = definition.model._base_manager.filter(pk__in=list(filter(None, keys.values())))
        there = set(found.values_list("pk", flat=True))
        yield from (text for text, key in keys.items() if key not in there)


def _key(model: type[Model], text: str) -> Any:
    """Return the primary key that a text stands for; None if the model has no such keys."""
    try:
        return model._meta.pk.to_python(text)
    except ValidationError:
        return None
