"""Which of the site's groups a user is in, for settings that name groups."""

from collections.abc import Collection
from typing import Any

from talk_calls.conf import conf
from talk_calls.host.actors import HostUser

#: The attribute of a user object that holds the names of its groups, once they were asked for.
_NAMES = "_talk_calls_group_names"


def is_in_groups(user: HostUser | None, names: Collection[str]) -> bool:
    """Tell whether ``user`` is in one of the groups with these names; guests, None, are in none.

    The directory's ``group_ids`` says so, once for each user object. These live for a request or
    a command: a list of many rows costs one query, and the next request sees a change. Nothing is
    asked without names.
    """
    if user is None or not names:
        return False
    return not _group_names(user).isdisjoint(names)


def _group_names(user: HostUser) -> frozenset[str]:
    remembered: Any = getattr(user, _NAMES, None)
    if remembered is None:
        remembered = frozenset(conf.directory.group_ids(user))
        setattr(user, _NAMES, remembered)
    names: frozenset[str] = remembered
    return names
