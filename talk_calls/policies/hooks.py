"""Asking the hooks of the site's policy (``TALK_CALLS["POLICY"]``).

Only hooks that the site overrides are called. Whoever would load something only to pass it to a
hook asks ``is_overridden`` first, so a site without a policy pays nothing.
"""

import logging

from django.db import Error as DatabaseError

from talk_calls.conf import conf
from talk_calls.host.policy import HostPolicy

logger = logging.getLogger(__name__)


def is_overridden(hook: str) -> bool:
    """Tell whether the site has its own answer to a hook."""
    return getattr(conf.policy, hook, None) is not getattr(HostPolicy, hook)


def allows(hook: str, *arguments: object) -> bool:
    """Return the answer of a hook; False, and the error in the log, if it raises.

    Errors of the database are raised: the transaction is broken, or it is run again.
    """
    if not is_overridden(hook):
        return True
    try:
        return bool(getattr(conf.policy(), hook)(*arguments))
    except DatabaseError:
        raise
    except Exception:
        logger.exception("%s raised an error, which refuses.", path(hook))
        return False


def path(hook: str) -> str:
    """Return where a hook is, for people who have to change it (``app.policy.Policy.may_see``)."""
    return f"{conf.policy.__module__}.{conf.policy.__qualname__}.{hook}"
