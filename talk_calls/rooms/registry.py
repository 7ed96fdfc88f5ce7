"""What is registered, by model."""

from collections.abc import Iterator

from django.db.models import Model

from talk_calls.rooms.model_room import ModelRoom

_registered: dict[type[Model], ModelRoom] = {}


def add(definition: ModelRoom) -> None:
    """Store what is said about the rooms of ``definition.model``."""
    _registered[definition.model] = definition


def remove(model: type[Model]) -> None:
    """Forget what was said about a model; raises ``KeyError`` if nothing was."""
    del _registered[model]


def of(model: type[Model]) -> ModelRoom | None:
    """Return what is said about a model or the nearest one that it inherits from, or None."""
    return next((_registered[each] for each in model.__mro__ if each in _registered), None)


def every() -> Iterator[ModelRoom]:
    """Yield everything, in the order of registration."""
    yield from _registered.values()


def is_registered(model: type[Model]) -> bool:
    """Tell whether something is said about this very model."""
    return model in _registered
