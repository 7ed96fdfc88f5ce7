"""The host's users and groups, as far as calls need them.

A site with other sources of users subclasses ``DjangoDirectory`` and names its class in
``TALK_CALLS["DIRECTORY"]``.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from talk_calls.db import transactions
from talk_calls.host.actors import HostUser


class DjangoDirectory:
    """Users and groups of ``django.contrib.auth``, whatever the user model is."""

    def may_use_talk(self, user: HostUser) -> bool:
        """Tell whether the site lets ``user`` use Talk at all (behaviour 4.1/3)."""
        return True

    def user_id(self, user: HostUser) -> str:
        """Return the id of ``user`` for clients (``actorId`` on the wire): the username."""
        return str(user.get_username())

    def user_id_path(self) -> str:
        """Return the field of the user model that holds ``user_id``, for queries of many users."""
        return get_user_model().USERNAME_FIELD

    def email_path(self) -> str:
        """Return the field of the user model that holds the e-mail address, or empty text."""
        field = str(get_user_model().get_email_field_name())
        return field if field in _user_fields() else ""

    def group_name_path(self) -> str:
        """Return the path from the user model to the name of a group, or empty text.

        Statistics use it to count by group.
        """
        return "groups__name" if has_django_groups() else ""

    def display_name(self, user: HostUser) -> str:
        """Return the name to show: the full name, else the username."""
        full_name = getattr(user, "get_full_name", str)() or ""
        return full_name.strip() or self.user_id(user)

    def email(self, user: HostUser) -> str | None:
        """Return the e-mail address of ``user``, or None."""
        return getattr(user, user.get_email_field_name(), None) or None

    def group_ids(self, user: HostUser) -> list[str]:
        """Return the names of the groups that ``user`` is in; none where users have no groups."""
        if not has_django_groups():
            return []
        return list(
            user.groups.using(transactions.alias()).order_by("name").values_list("name", flat=True)
        )

    def find_user(self, user_id: str) -> HostUser | None:
        """Return the active user with this ``user_id``, or None."""
        try:
            return _users().filter(**{self.user_id_path(): user_id}, **self._active()).first()
        except (ValueError, ValidationError):
            return None  # ids are numbers or UUIDs here, and this is neither

    def find_users(self, primary_keys: Iterable[Any]) -> list[HostUser]:
        """Return the active users among these primary keys."""
        return list(_users().filter(pk__in=primary_keys, **self._active()))

    def find_group(self, group_id: str) -> Group | None:
        """Return the group with this name, or None; also where users have no groups."""
        if not has_django_groups():
            return None
        return Group.objects.using(transactions.alias()).filter(name=group_id).first()

    def group_members(self, group: Group) -> list[HostUser]:
        """Return the active members of ``group``."""
        return list(_users().filter(groups=group, **self._active()))

    def members_among(self, groups: Iterable[str], primary_keys: Iterable[object]) -> list[object]:
        """Return which of these users are in any of these groups, by their primary keys.

        ``groups`` are primary keys as text.
        """
        users = _users().filter(groups__in=list(groups), pk__in=list(primary_keys))
        return list(users.values_list("pk", flat=True))

    def _active(self) -> dict[str, bool]:
        return {"is_active": True} if "is_active" in _user_fields() else {}


def has_django_groups() -> bool:
    """Tell whether the user model has the groups of ``django.contrib.auth``."""
    if "groups" not in _user_fields():
        return False
    groups = get_user_model()._meta.get_field("groups")
    return groups.is_relation and groups.related_model is Group


def _users() -> QuerySet[HostUser]:
    """Return all users, read from the database of the app's writes: replicas may be behind."""
    return get_user_model()._default_manager.using(transactions.alias())


def _user_fields() -> set[str]:
    return {field.name for field in get_user_model()._meta.get_fields()}
