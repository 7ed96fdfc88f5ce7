"""Importing the objects that settings name."""

from typing import Any

from django.utils.module_loading import import_string


def import_or_none(path: Any) -> Any:
    """Return the object at a dotted path, or None if it cannot be imported."""
    try:
        return import_string(path)
    except (ImportError, AttributeError, TypeError):
        return None


def is_subclass(candidate: Any, parent: type) -> bool:
    """Tell whether ``candidate`` is ``parent`` or a subclass of it; False for anything else."""
    return isinstance(candidate, type) and issubclass(candidate, parent)
