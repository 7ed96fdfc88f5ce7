"""The host's user model, whatever it is: its rows, and which of its fields may be user ids."""

import re
from functools import cache
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import QuerySet

from talk_calls.constants import ACTOR_ID_MAX_LENGTH
from talk_calls.db import transactions
from talk_calls.host.actors import HostUser

#: The name by which Django's queries know the primary key, whatever its field is called.
PRIMARY_KEY = "pk"

_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+")


def users() -> QuerySet[HostUser]:
    """Return all users, read from the database of the app's writes: replicas may be behind."""
    return get_user_model()._default_manager.using(transactions.alias())


def field_names() -> set[str]:
    """Return the names of the fields of the user model, relations to it included."""
    return {field.name for field in get_user_model()._meta.get_fields()}


def text_field_names() -> set[str]:
    """Return the names of the fields of the user model that hold text."""
    kinds = (models.CharField, models.TextField)
    fields = get_user_model()._meta.concrete_fields
    return {field.name for field in fields if isinstance(field, kinds)}


def active(prefix: str = "") -> dict[str, bool]:
    """Return the condition of an active account; empty where the model has no such field.

    ``prefix`` is the path from the queried model to the user, with its underscores.
    """
    return {f"{prefix}is_active": True} if "is_active" in field_names() else {}


def inactive(prefix: str = "") -> dict[str, bool] | None:
    """Return the condition of a deactivated account, or None where there are none."""
    return {f"{prefix}is_active": False} if "is_active" in field_names() else None


def is_inactive(pk: Any) -> bool:
    """Tell whether the account with a primary key is deactivated; one query, or none."""
    condition = inactive()
    return condition is not None and users().filter(pk=pk, **condition).exists()


def has_address(text: str) -> bool:
    """Tell whether there is an e-mail address in ``text``."""
    return "@" in text and _ADDRESS.search(text) is not None


def default_user_id_field() -> str:
    """Return the field of user ids where the site chooses none.

    That is the user name, or the primary key where user names are e-mail addresses or may be null.
    """
    return _default_user_id_field(get_user_model())


@cache
def _default_user_id_field(model: type[HostUser]) -> str:
    return PRIMARY_KEY if user_id_fault(model.USERNAME_FIELD) else model.USERNAME_FIELD


def user_id_fault(name: str) -> str:
    """Return why a field of the user model cannot hold user ids, or empty text if it can.

    A user id names one account for ever, and every participant sees it.
    """
    if name == PRIMARY_KEY:
        return ""
    model = get_user_model()
    try:
        field: Any = model._meta.get_field(name)
    except FieldDoesNotExist:
        return f"is no field of {model._meta.label}"
    if field.is_relation and not field.primary_key:
        return "is a relation"
    faults = {
        "holds e-mail addresses": _holds_addresses(model, field),
        "may be null": field.null,
        "is not unique": not _is_unique(model, field),
        f"may be longer than {ACTOR_ID_MAX_LENGTH} characters": _is_too_long(field),
    }
    return next((fault for fault, holds in faults.items() if holds), "")


def user_id_choices() -> list[str]:
    """Return the fields of the user model that may hold user ids."""
    own = (field.name for field in get_user_model()._meta.concrete_fields)
    return [name for name in own if not user_id_fault(name)]


def _is_unique(model: type[HostUser], field: Any) -> bool:
    constraints = model._meta.total_unique_constraints
    return field.unique or any(tuple(each.fields) == (field.name,) for each in constraints)


def _holds_addresses(model: type[HostUser], field: Any) -> bool:
    return isinstance(field, models.EmailField) or field.name == model.get_email_field_name()


def _is_too_long(field: Any) -> bool:
    if not isinstance(field, models.CharField | models.TextField):
        return False
    return field.max_length is None or field.max_length > ACTOR_ID_MAX_LENGTH
