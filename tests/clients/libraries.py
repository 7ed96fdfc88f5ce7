"""The libraries under test: unmodified, from PyPI (the group ``clients`` of pyproject.toml)."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any


def library(name: str) -> Any:
    """Return a library, or None where it is missing.

    Its tests are marked with ``package(name)``, so that they are skipped then, and named.
    """
    return import_module(name) if find_spec(name) else None
