"""Asking the hooks of the site's policy (``TALK_CALLS["POLICY"]``).

Only hooks that the site overrides are called. Whoever would load something only to pass it to a
hook asks ``is_overridden`` first, so a site without a policy pays nothing.
"""

import logging
from functools import cache
from typing import Any

from django.db import Error as DatabaseError
from django.utils.module_loading import import_string

from talk_calls.conf import conf
from talk_calls.host.policy import HostPolicy

logger = logging.getLogger(__name__)


def is_overridden(hook: str) -> bool:
    """Tell whether the site has its own answer to a hook."""
    return hook in _overridden(conf.policy)


def allows(hook: str, *arguments: object) -> bool:
    """Return the answer of a hook; False, and the error in the log, if it raises.

    Errors of the database are raised: the transaction is broken, or it is run again.
    """
    if not is_overridden(hook):
        return True
    try:
        return bool(getattr(_policy(conf.policy)(), hook)(*arguments))
    except DatabaseError:
        raise
    except Exception:
        logger.exception("%s raised an error, which refuses.", path(hook))
        return False


def path(hook: str) -> str:
    """Return where a hook is, for people who have to change it (``app.policy.Policy.may_see``)."""
    return f"{conf.policy}.{hook}"


# Lists ask about every moderator in them, so the class is looked up once.
@cache
def _policy(dotted_path: str) -> type[Any]:
    policy: type[Any] = import_string(dotted_path)
    return policy


@cache
def _overridden(dotted_path: str) -> frozenset[str]:
    policy = _policy(dotted_path)
    ours = vars(HostPolicy).items()
    return frozenset(name for name, hook in ours if getattr(policy, name, None) is not hook)
