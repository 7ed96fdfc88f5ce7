"""Importing the objects that settings name."""

from typing import TypeGuard

from django.utils.module_loading import import_string


def import_or_none(path: object) -> object:
    """Return the object at a dotted path, or None if it is no path or cannot be imported."""
    if not isinstance(path, str):
        return None
    try:
        imported: object = import_string(path)
    except (ImportError, AttributeError, TypeError):
        return None
    return imported


def is_subclass(candidate: object, parents: type | tuple[type, ...]) -> TypeGuard[type]:
    """Return whether ``candidate`` is a class, and one of ``parents`` or a subclass of one."""
    return isinstance(candidate, type) and issubclass(candidate, parents)
