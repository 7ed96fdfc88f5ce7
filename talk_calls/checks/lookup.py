"""Finding what a setting names."""

from typing import Any

from django.utils.module_loading import import_string


def found(path: Any) -> Any:
    """Return what a dotted path leads to, or None."""
    try:
        return import_string(path)
    except (ImportError, AttributeError, TypeError):
        return None


def is_subclass(candidate: Any, parent: type) -> bool:
    """Tell whether ``candidate`` is a class below ``parent``, or that one."""
    return isinstance(candidate, type) and issubclass(candidate, parent)
