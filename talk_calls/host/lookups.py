"""Looking up people and groups for somebody who may not know of everybody."""

import inspect
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import cache
from typing import Any

from talk_calls.conf import conf
from talk_calls.db.text import is_storable
from talk_calls.host import user_model
from talk_calls.host.actors import HostUser
from talk_calls.host.directory import DjangoDirectory


def find_user(user_id: str, *, viewer: HostUser | None) -> HostUser | None:
    """Return the active user with this id if ``viewer`` may find them; None is the site itself."""
    user: HostUser | None = _find(conf.directory.find_user, user_id, viewer)
    return user


def find_users(user_ids: Collection[str], *, viewer: HostUser | None) -> list[HostUser]:
    """Return the active users with these ids whom ``viewer`` may find, in one query.

    A directory with a ``find_user`` of its own decides about each of them.
    """
    directory = conf.directory
    if type(directory).find_user is not DjangoDirectory.find_user:
        found = (find_user(each, viewer=viewer) for each in user_ids)
        return [user for user in found if user is not None]
    return list(directory.find_users_by_id(user_ids, viewer=viewer))


def find_group(group_id: str, *, viewer: HostUser | None) -> Any:
    """Return the group with this id if ``viewer`` may find it; None is the site itself."""
    return _find(conf.directory.find_group, group_id, viewer)


def search_users(
    term: str, *, viewer: HostUser, limit: int, without: Iterable[Any]
) -> Iterator[HostUser]:
    """Yield active users whom ``viewer`` may find: the one with this very id, then by name.

    Up to ``limit`` are looked at. ``without`` are primary keys of users who are left out; it may be
    a queryset of them. Three queries, and one for each user where a directory of the site has its
    own ``find_user`` and no ``search`` that knows the viewer: then that decides, one by one.
    """
    exact = find_user(term, viewer=viewer) if term else None
    search = _method("search")
    found = _search(search, term, viewer=viewer, limit=limit, without=without)
    by_key = {user.pk: user for user in [exact, *found] if user is not None}
    # With the viewer, who always is somebody: nobody found takes as many queries as one who is
    # hidden later.
    named = user_model.users().filter(pk__in=[viewer.pk, *by_key], **user_model.active())
    there = set(named.exclude(pk__in=without).values_list("pk", flat=True))
    asks_again = _decides_alone("find_user", search)
    for key, user in by_key.items():
        if key not in there:
            continue
        if asks_again and find_user(conf.directory.user_id(user), viewer=viewer) != user:
            continue
        yield user


def search_groups(term: str, *, viewer: HostUser, limit: int) -> Iterator[Any]:
    """Yield groups that ``viewer`` may find: the one with this very id, then by name.

    Up to ``limit`` are looked at. Two queries, and more as for ``search_users``.
    """
    search = _method("search_groups")
    if search is None:
        return  # of a class that is none of ours, and cannot tell the id of a group
    exact = find_group(term, viewer=viewer) if term else None
    found = _search(search, term, viewer=viewer, limit=limit)
    by_key = {group.pk: group for group in [exact, *found] if group is not None}
    asks_again = _decides_alone("find_group", search)
    for group in by_key.values():
        if asks_again and find_group(conf.directory.group_id(group), viewer=viewer) != group:
            continue
        yield group


def _method(name: str) -> Callable[..., Any] | None:
    """Return a method of the site's directory that old or own classes may lack."""
    return getattr(conf.directory, name, None)


def _search(search: Callable[..., Any] | None, term: str, **wanted: Any) -> list[Any]:
    """Return what a method finds; it is given what it takes of the arguments.

    Nothing is found by fewer than ``SEARCH_MIN_LENGTH`` characters.
    """
    if search is None or len(term) < conf.search_min_length or not is_storable(term):
        return []
    function = getattr(search, "__func__", search)
    taken = {name: value for name, value in wanted.items() if _takes(function, name)}
    return list(search(term, **taken))[: wanted["limit"]]


def _decides_alone(find: str, search: Callable[..., Any] | None) -> bool:
    """Tell whether only ``find``, a method of the site's directory, knows who may find whom.

    That is so where the search is ours, which does not ask it, or takes no viewer.
    """
    function = getattr(search, "__func__", search)
    if function is None or getattr(type(conf.directory), find) is getattr(DjangoDirectory, find):
        return False
    is_ours = function is getattr(DjangoDirectory, function.__name__, None)
    return is_ours or not _takes(function, "viewer")


def _find(find: Callable[..., Any], name: str, viewer: HostUser | None) -> Any:
    if not is_storable(name):
        return None
    takes_viewer = _takes_viewer(getattr(find, "__func__", find))
    return find(name, viewer=viewer) if takes_viewer else find(name)


@cache
def _takes_viewer(find: Callable[..., Any]) -> bool:
    """Tell whether a method of the site's directory takes ``viewer``; warn once if it does not."""
    if _takes(find, "viewer"):
        return True
    warnings.warn(
        f"{find.__qualname__} takes no viewer: everybody finds everybody. It will be called with "
        "viewer=, the user who looks (None for the site), from talk_calls 0.2 on.",
        DeprecationWarning,
        stacklevel=2,
    )
    return False


@cache
def _takes(function: Callable[..., Any], name: str) -> bool:
    """Tell whether a function takes an argument of this name."""
    parameters = inspect.signature(function).parameters.values()
    return any(each.name == name or each.kind is each.VAR_KEYWORD for each in parameters)
