"""Accounts that an operator names: by primary key, user name, e-mail address or user id."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Q

from talk_calls import names
from talk_calls.conf import conf
from talk_calls.host import lookups, user_model
from talk_calls.host.actors import HostUser

#: How many accounts of one name are read at most.
_MOST = 10


def accounts_named(name: str) -> list[HostUser]:
    """Return the active accounts that ``name`` may mean, up to ten; several if it is ambiguous."""
    named = user_model.users().filter(condition(name), **user_model.active())
    found = {user.pk: user for user in named.order_by("pk")[:_MOST]}
    # A directory of the site may know ids that are in no field.
    by_id = lookups.find_user(name, viewer=None)
    if by_id is not None:
        found.setdefault(by_id.pk, by_id)
    return list(found.values())


def all_accounts_named(name: str) -> list[HostUser]:
    """Return what ``accounts_named`` does, among all accounts: also those that are deactivated."""
    active = {user.pk: user for user in accounts_named(name)}
    named = {user.pk: user for user in user_model.users().filter(condition(name))[:_MOST]}
    return [user for _, user in sorted((named | active).items())]


def condition(name: str, prefix: str = "") -> Q:
    """Return the condition that ``name`` means an account, active or not.

    ``prefix`` is the path from the queried model to the user, with its underscores.
    """
    meant = Q(pk__in=[])
    fields = {
        user_model.PRIMARY_KEY,
        get_user_model().USERNAME_FIELD,
        conf.directory.user_id_path(),
    }
    for path in fields:
        value = _value_of(path, name)
        if value is not None:
            meant |= Q(**{f"{prefix}{path}": value})
    email = conf.directory.email_path()
    if email and "@" in name:
        meant |= Q(**{f"{prefix}{email}__iexact": name})
    return meant


def search_fields(prefix: str) -> tuple[str, ...]:
    """Return the fields into which operators look for a part of a name; ``prefix`` as above."""
    model = get_user_model()
    paths = (conf.directory.user_id_path(), model.USERNAME_FIELD, conf.directory.email_path())
    return tuple(f"{prefix}{path}" for path in dict.fromkeys(paths) if path)


def describe(user: HostUser) -> str:
    """Return what distinguishes an account for an operator: primary key, user name, address."""
    known_as = dict.fromkeys([user.get_username(), conf.directory.email(user)])
    return f"{user.pk} ({', '.join(names.isolated(name) for name in known_as if name)})"


def _value_of(path: str, name: str) -> Any:
    """Return ``name`` as a value of a field, or None if it cannot be one."""
    options = get_user_model()._meta
    if "__" in path:  # of a directory of the site
        return name
    field: Any = options.pk if path == user_model.PRIMARY_KEY else options.get_field(path)
    try:
        return field.to_python(name) if name else None
    except ValidationError:
        return None
