"""Looking up people and groups for somebody who may not know of everybody."""

import inspect
import warnings
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

from talk_calls.conf import conf
from talk_calls.db.text import is_storable
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


def _find(find: Callable[..., Any], name: str, viewer: HostUser | None) -> Any:
    if not is_storable(name):
        return None
    takes_viewer = _takes_viewer(getattr(find, "__func__", find))
    return find(name, viewer=viewer) if takes_viewer else find(name)


@cache
def _takes_viewer(find: Callable[..., Any]) -> bool:
    """Tell whether a method of the site's directory takes ``viewer``; warn once if it does not."""
    parameters = inspect.signature(find).parameters.values()
    if any(each.name == "viewer" or each.kind is each.VAR_KEYWORD for each in parameters):
        return True
    warnings.warn(
        f"{find.__qualname__} takes no viewer: everybody finds everybody. It will be called with "
        "viewer=, the user who looks (None for the site), from talk_calls 0.2 on.",
        DeprecationWarning,
        stacklevel=2,
    )
    return False
