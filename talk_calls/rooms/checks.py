"""System check of what is registered (``talk_calls.E014``)."""

from collections.abc import Iterator, Sequence

from django.apps import AppConfig
from django.core import checks

from talk_calls.constants import Allow
from talk_calls.rooms import registry
from talk_calls.rooms.model_room import ModelRoom, OnDelete
from talk_calls.rooms.paths import NoSuchPath, relations


def check_rooms(
    app_configs: Sequence[AppConfig] | None, **kwargs: object
) -> list[checks.CheckMessage]:
    """Check the classes that are registered for models."""
    return [
        checks.Error(
            f"{type(definition).__module__}.{type(definition).__qualname__}: {problem}",
            hint=hint,
            id="talk_calls.E014",
        )
        for definition in registry.every()
        for problem, hint in _problems(definition)
    ]


def _problems(definition: ModelRoom) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, and what to write instead."""
    if isinstance(definition.follow, str):
        yield f"follow is the text {definition.follow!r}.", "Write a tuple of paths."
        return
    for path in definition.follow:
        try:
            list(relations(definition.model, path))
        except NoSuchPath as problem:
            yield (
                f"follow has {path!r}. {problem}",
                "Name relations from the model to its members, as queries do: 'team__members'.",
            )
    allow: object = definition.allow
    if not isinstance(allow, Allow):
        yield f"allow is {allow!r}.", "Join members of talk_calls.rooms.Allow with |."
    on_delete: object = definition.on_delete
    if not isinstance(on_delete, OnDelete):
        yield f"on_delete is {on_delete!r}.", "Name one of rooms.OnDelete."
    names = [name for name in _hooks() if not callable(getattr(definition, name))]
    for name in names:
        yield f"{name} is no method.", f"Write def {name}(self, obj)."


def _hooks() -> Iterator[str]:
    return (name for name in ("name", "members", "moderators", "owners", "roles"))
