"""Checks of ``POLICY``: every hook can be asked, and none is misspelt.

A hook that cannot be called refuses everybody, and one with a misspelt name is never asked.
"""

import difflib
import inspect
from collections.abc import Sequence

from django.core import checks

from talk_calls.checks.lookup import import_or_none
from talk_calls.host.policy import HostPolicy

#: The hooks with the names of their arguments.
_HOOKS = {
    name: list(inspect.signature(hook).parameters)[1:]
    for name, hook in vars(HostPolicy).items()
    if not name.startswith("_")
}


def check_policy(key: str, value: object) -> checks.CheckMessage | None:
    """Check that the class can be imported and has the hooks, and no other ``may_…`` method."""
    fault = _fault(import_or_none(value))
    if not fault:
        return None
    return checks.Error(
        f"TALK_CALLS[{key!r}] is {value!r}, which {fault}.",
        hint="Name a subclass of talk_calls.host.policy.HostPolicy by its dotted path.",
        id="talk_calls.E013",
    )


def _fault(policy: object) -> str:
    """Return what is wrong with a policy, or empty text."""
    if policy is None:
        return "cannot be imported"
    if not isinstance(policy, type):
        return "is no class"
    if missing := [hook for hook in _HOOKS if not callable(getattr(policy, hook, None))]:
        return f"lacks {', '.join(missing)}"
    for hook, names in _HOOKS.items():
        if not _takes(policy, hook, names):
            return f"has {hook} with other arguments than ({', '.join(names)})"
    unknown = [name for name in dir(policy) if name.startswith("may_") and name not in _HOOKS]
    return _unknown_hook(unknown[0]) if unknown else ""


def _takes(policy: type, hook: str, names: Sequence[str]) -> bool:
    """Tell whether a method can be called with one positional argument for each name."""
    is_bound = isinstance(inspect.getattr_static(policy, hook), classmethod | staticmethod)
    try:
        inspect.signature(getattr(policy, hook)).bind(*([] if is_bound else ["self"]), *names)
    except TypeError:
        return False
    return True


def _unknown_hook(name: str) -> str:
    close = difflib.get_close_matches(name, _HOOKS, n=1, cutoff=0.8)
    guess = f" (did you mean {close[0]}?)" if close else ""
    return f"has {name}, which is no hook{guess}"
