"""Registering what a site says about the rooms of its models."""

from collections.abc import Callable
from typing import TypeVar

from django.apps import apps
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from django.utils.module_loading import autodiscover_modules

from talk_calls.rooms import following, registry
from talk_calls.rooms.checks import check_rooms
from talk_calls.rooms.model_room import ModelRoom

D = TypeVar("D", bound=type[ModelRoom])


def register(model: type[Model]) -> Callable[[D], D]:
    """Return the decorator of the class that says what rooms the objects of a model have.

    Put it into ``talk_rooms.py`` of an app, which is imported when the site starts. Models that
    inherit from ``model`` are meant too. Raises ``ImproperlyConfigured`` if the model has a class.
    """

    def add(definition: D) -> D:
        if registry.is_registered(model):
            raise ImproperlyConfigured(f"{model._meta.label} has a class of rooms already.")
        made = definition(model)
        registry.add(made)
        if apps.models_ready:  # else `connect` does it
            following.connect(made)
        return definition

    return add


def unregister(model: type[Model]) -> None:
    """Forget the class of a model; raises ``KeyError`` if it has none. Its rooms stay."""
    registry.remove(model)
    following.disconnect(model)


def connect() -> None:
    """Import ``talk_rooms.py`` of every app; called once when the app is ready."""
    checks.register(check_rooms)
    for definition in list(registry.every()):  # registered while models were being imported
        following.connect(definition)
    autodiscover_modules("talk_rooms")
