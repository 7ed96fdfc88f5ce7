"""People in JSON: whom a value names, and the same value without them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from talk_calls.privacy.people import Person

#: How JSON names somebody: the keys of type, id and name.
_NAMES = (
    ("type", "id", "name"),
    ("actor_type", "actor_id", "display_name"),
    ("actor_type", "actor_id", "actor_name"),
    ("target_type", "target_id", "target_name"),
)

#: Keys of user ids without a type, alone or in lists.
_USER_IDS = frozenset({"target_user", "silent_for", "user_id", "user_ids"})

#: Keys of primary keys of accounts as text, alone or in lists.
_PRIMARY_KEYS = frozenset({"user_pk", "user_pks", "rung"})


def without(value: Any, person: Person, at: datetime | None, replacement: str = "") -> Any:
    """Return JSON of the time ``at`` without a person; equal to ``value`` if it names them nowhere.

    None is for JSON of no known time. Their ids become ``replacement``, their names empty. Lists of
    ids lose theirs.
    """
    if isinstance(value, Mapping):
        cleared = {key: _value(key, each, person, at, replacement) for key, each in value.items()}
        for kind, key, name in _NAMES:
            if {kind, key} <= value.keys() and person.is_named(value[kind], value[key], at):
                cleared[key] = replacement
                if name in value:
                    cleared[name] = ""
        return cleared
    if isinstance(value, list):
        return [without(each, person, at, replacement) for each in value]
    return value


def _value(key: str, value: Any, person: Person, at: datetime | None, replacement: str) -> Any:
    if key in _PRIMARY_KEYS:
        return _without_keys(value, lambda each: each == person.key)
    if key in _USER_IDS and not isinstance(value, Mapping):
        return _without_keys(value, lambda each: person.has_id(each, at))
    return without(value, person, at, replacement)


def _without_keys(value: Any, is_theirs: Any) -> Any:
    if isinstance(value, list):
        return [each for each in value if not is_theirs(each)]
    return "" if is_theirs(value) else value
