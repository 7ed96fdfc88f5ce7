"""No model and no column is forgotten, neither by the registry nor by docs/privacy.md."""

import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.db import models

from talk_calls.management.commands.talk_erase_user import _LABELS
from talk_calls.privacy.registry import HOLDINGS, IMPERSONAL, personal_columns
from tests.privacy import scan

DOCUMENT = Path(__file__).parents[2] / "docs" / "privacy.md"

_TEXT = (models.CharField, models.TextField, models.JSONField)


def columns_to_explain() -> set[str]:
    """Return all columns that may say something about a person, as ``Model.column``."""
    return {
        f"{model.__name__}.{field.name}"
        for model in scan.models()
        for field in model._meta.concrete_fields
        if isinstance(field, _TEXT) or field.related_model is get_user_model()
    }


def test_every_column_is_explained():
    """A new one belongs to a holding, or has a reason why it says nothing about a person."""
    explained = personal_columns() | IMPERSONAL.keys()
    assert columns_to_explain() - explained == set()


def test_no_column_is_explained_twice_or_gone():
    assert personal_columns() & IMPERSONAL.keys() == set()
    numbers = {"SignalingMessage.recipient"}
    assert (personal_columns() | IMPERSONAL.keys()) - numbers - columns_to_explain() == set()


def test_names():
    """Each holding has its own, in exports, counts and the command's words."""
    names = [holding.name for holding in HOLDINGS]
    assert len(set(names)) == len(names)
    assert set(names) == _LABELS.keys()


def rows_of_the_document() -> dict[str, tuple[str, set[str]]]:
    """Return model and columns by record."""
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)`: ([^|]+) \|", DOCUMENT.read_text(), re.MULTILINE)
    return {name: (model, set(re.findall(r"`(\w+)`", columns))) for name, model, columns in rows}


@pytest.mark.parametrize("holding", HOLDINGS, ids=lambda holding: holding.name)
def test_the_document_says_the_same(holding):
    known = (holding.model.__name__, set(holding.columns))
    assert rows_of_the_document()[holding.name] == known


def test_the_document_knows_nothing_else():
    assert rows_of_the_document().keys() == {holding.name for holding in HOLDINGS}
