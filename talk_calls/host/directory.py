"""The host's users and groups, as far as calls need them.

A site with other sources of users subclasses ``DjangoDirectory`` and names its class in
``TALK_CALLS["DIRECTORY"]``.
"""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from talk_calls.conf import conf
from talk_calls.constants import ACTOR_ID_MAX_LENGTH, SEARCH_MAX_LENGTH
from talk_calls.db import transactions
from talk_calls.db.text import is_storable
from talk_calls.host import names, user_model
from talk_calls.host.actors import HostUser

#: How many people or groups a search returns, unless it is asked for another number.
MOST_FOUND = 25

#: Words that a term to search for has at most: each is compared with every name.
_MOST_WORDS = 8

#: Fields that a search looks into, as far as the user model has them.
_NAME_FIELDS = ("first_name", "last_name", "display_name", "name")


class DjangoDirectory:
    """Users and groups of ``django.contrib.auth``, whatever the user model is."""

    def may_use_talk(self, user: HostUser) -> bool:
        """Tell whether the site lets ``user`` use Talk at all (behaviour 4.1/3)."""
        return True

    def user_id(self, user: HostUser) -> str:
        """Return the id of ``user`` for clients (``actorId`` on the wire)."""
        return str(getattr(user, self.user_id_path()))

    def user_id_path(self) -> str:
        """Return the field of the user model that holds ``user_id``, for queries of many users.

        That is ``USER_ID``; where the site sets none, the user name, or the primary key where user
        names are e-mail addresses or may be null.
        """
        return conf.user_id or user_model.default_user_id_field()

    def email_path(self) -> str:
        """Return the field of the user model that holds the e-mail address, or empty text."""
        field = str(get_user_model().get_email_field_name())
        return field if field in user_model.field_names() else ""

    def group_name_path(self) -> str:
        """Return the path from the user model to the name of a group, or empty text.

        Statistics use it to count by group.
        """
        return "groups__name" if has_django_groups() else ""

    def display_name(self, user: HostUser) -> str:
        """Return the name that others see.

        The first that the account has: the full name, a ``display_name`` or ``name`` of the user
        model, the user name. Guests see it too, so an e-mail address is no name; whoever has no
        other is "User" and the end of the primary key.
        """
        named = (name for name in names.names_of(user) if name and not user_model.has_address(name))
        return next(named, None) or names.neutral_name(user)

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

    def users_for(self, viewer: HostUser | None) -> QuerySet[HostUser]:
        """Return the active users whom ``viewer`` may find, invite and call; None is the site.

        ``find_user`` and ``search`` choose from these. A site whose users are not to know of all
        others filters here.
        """
        return user_model.users().filter(**user_model.active())

    def find_user(self, user_id: str, viewer: HostUser | None = None) -> HostUser | None:
        """Return the active user with this ``user_id`` if ``viewer`` may find them, or None."""
        if not _may_be_id(user_id):
            return None
        try:
            user = self.users_for(viewer).filter(**{self.user_id_path(): user_id}).first()
        except (ValueError, ValidationError):
            return None  # ids are numbers or UUIDs here, and this is neither
        # Databases and fields take other texts for the same value: "Alice" for "alice", "07" for 7.
        return user if user is not None and self.user_id(user) == user_id else None

    def find_users_by_id(
        self, user_ids: Iterable[str], viewer: HostUser | None = None
    ) -> list[HostUser]:
        """Return the active users with these ids whom ``viewer`` may find, in one query.

        Nobody if one of the ids has a form that no id has. It is asked where several are invited
        at once, unless the directory overrides ``find_user``.
        """
        wanted = set(user_ids)
        if not all(map(_may_be_id, wanted)):
            return []
        path = self.user_id_path()
        try:
            found = list(self.users_for(viewer).filter(**{f"{path}__in": wanted}))
        except (ValueError, ValidationError):
            return []  # ids are numbers or UUIDs here, and one of these is neither
        return [user for user in found if self.user_id(user) in wanted]

    def search(
        self,
        term: str,
        viewer: HostUser | None = None,
        *,
        limit: int = MOST_FOUND,
        without: Iterable[Any] = (),
    ) -> list[HostUser]:
        """Return the first ``limit`` active users whom ``viewer`` may find, by name; one query.

        Each of up to eight words of ``term`` is part of a name or of the user name, whatever the
        case; a term without words finds everybody. E-mail addresses are not looked into, also where
        they are used as names. ``without`` are primary keys of users who are left out; it may be a
        queryset of them.
        """
        words = _words(term)
        if words is None:
            return []
        found = self.users_for(viewer).exclude(pk__in=without)
        for word in words:
            found = found.filter(_has_word(word))
        by_name = [field for field in _NAME_FIELDS if field in user_model.text_field_names()]
        return list(found.order_by(*by_name, self.user_id_path())[:limit])

    def find_users(self, primary_keys: Iterable[Any]) -> list[HostUser]:
        """Return the active users among these primary keys."""
        return list(user_model.users().filter(pk__in=primary_keys, **user_model.active()))

    def find_group(self, group_id: str, viewer: HostUser | None = None) -> Group | None:
        """Return the group with this name if ``viewer`` may find it, or None.

        Here everybody may find every group; where users have no groups, there are none.
        """
        if not has_django_groups():
            return None
        return Group.objects.using(transactions.alias()).filter(name=group_id).first()

    def group_id(self, group: Group) -> str:
        """Return the id of ``group`` for clients, by which ``find_group`` finds it: the name."""
        return str(group.name)

    def groups_for(self, viewer: HostUser | None) -> QuerySet[Group]:
        """Return the groups that ``viewer`` finds by a part of their name; None is the site.

        Those are the groups that they are in: names of Django's groups may say what people are
        trusted with. Whoever knows the whole name of another group finds it by ``find_group``.
        """
        if not has_django_groups():
            return Group.objects.none()
        groups = Group.objects if viewer is None else viewer.groups
        return groups.using(transactions.alias())

    def search_groups(
        self, term: str, viewer: HostUser | None = None, *, limit: int = MOST_FOUND
    ) -> list[Group]:
        """Return the first ``limit`` of ``groups_for(viewer)`` by name; one query.

        Each of up to eight words of ``term`` is part of the name, whatever the case.
        """
        words = _words(term)
        if words is None:
            return []
        found = self.groups_for(viewer)
        for word in words:
            found = found.filter(name__icontains=word)
        return list(found.order_by("name")[:limit])

    def group_members(self, group: Group) -> list[HostUser]:
        """Return the active members of ``group``."""
        return list(user_model.users().filter(groups=group, **user_model.active()))

    def members_among(self, groups: Iterable[str], primary_keys: Iterable[object]) -> list[object]:
        """Return which of these users are in any of these groups, by their primary keys.

        ``groups`` are primary keys as text.
        """
        users = user_model.users().filter(groups__in=list(groups), pk__in=list(primary_keys))
        return list(users.values_list("pk", flat=True))


def _may_be_id(text: str) -> bool:
    return len(text) <= ACTOR_ID_MAX_LENGTH and is_storable(text)


def keeps_users_out() -> bool:
    """Tell whether the site's directory decides who may use Talk."""
    decides: Any = getattr(type(conf.directory), "may_use_talk", None)
    return decides is not DjangoDirectory.may_use_talk


def has_django_groups() -> bool:
    """Tell whether the user model has the groups of ``django.contrib.auth``."""
    if "groups" not in user_model.field_names():
        return False
    groups = get_user_model()._meta.get_field("groups")
    return groups.is_relation and groups.related_model is Group


def _words(term: str) -> list[str] | None:
    """Return the different words of a term, or None if it is not to be searched for."""
    if len(term) > SEARCH_MAX_LENGTH or not is_storable(term):
        return None
    words = list(dict.fromkeys(term.split()))
    return words if len(words) <= _MOST_WORDS else None


def _has_word(word: str) -> Q:
    """Return the condition that one of a user's names contains ``word``, and is no address."""
    condition = Q()
    for field in {*_NAME_FIELDS, get_user_model().USERNAME_FIELD} & user_model.text_field_names():
        condition |= Q(**{f"{field}__icontains": word}) & ~Q(**{f"{field}__contains": "@"})
    return condition or Q(pk__in=[])
