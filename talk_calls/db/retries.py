"""Retries of transactions that the database aborted in favour of another."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError

from talk_calls.db import transactions

P = ParamSpec("P")
R = TypeVar("R")

#: How often a transaction is tried, the first time included.
TRIES = 5

#: Seconds to wait before the second try at most; twice as long before each further one.
PAUSE = 0.02

#: PostgreSQL's serialization_failure and deadlock_detected.
_ABORTED = frozenset({"40001", "40P01"})


def retried(service: Callable[P, R]) -> Callable[P, R]:
    """Call ``service`` again, a few times, if the database aborted its transaction.

    That happens on sites with a stricter isolation level or locks of their own. Inside a
    transaction of the caller only the caller can retry, so the error is raised there.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, TRIES):
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                if transactions.connection().in_atomic_block or not _was_aborted(error):
                    raise
                time.sleep(random.uniform(0, PAUSE * 2**attempt))  # noqa: S311 -- no secret
        return service(*args, **kwargs)

    return run


def _was_aborted(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in _ABORTED
