"""Looking for somebody in every column of every table of the app."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model


def models() -> list[type[Model]]:
    """Return the models of the app that have a table."""
    config = apps.get_app_config("talk_calls")
    return [each for each in config.get_models() if not each._meta.proxy]


def findings(identifiers: Iterable[str]) -> Iterator[tuple[str, Model, str]]:
    """Yield column, row and value wherever one of the identifiers stands by itself.

    "anna" is neither in "anna-lena" nor in "anna@example.org".
    """
    wanted = pattern(identifiers)
    for model in models():
        for row in model._base_manager.order_by("pk"):
            for field in model._meta.concrete_fields:
                value = str(getattr(row, field.attname))
                if wanted.search(value):
                    yield f"{model.__name__}.{field.name}", row, value


def pattern(identifiers: Iterable[str]) -> re.Pattern[str]:
    """Return what finds any of the identifiers where it stands by itself."""
    words = "|".join(map(re.escape, identifiers))
    return re.compile(rf"(?<![\w.@+-])({words})(?![\w@+-])", re.IGNORECASE)


def rows() -> dict[tuple[str, Any], dict[str, Any]]:
    """Return all rows of all tables, by model and primary key."""
    return {
        (model.__name__, row["pk"]): row
        for model in models()
        for row in model._base_manager.annotate().values("pk", *_columns(model))
    }


def _columns(model: type[Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
