"""Transactions that the database gave up in favour of another, done again."""

import random
import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError

from talk_calls.db import transactions

P = ParamSpec("P")
R = TypeVar("R")

#: How often a transaction is tried in all.
TRIES = 5

#: Seconds to wait before the second try at most; twice as long before each further one.
PAUSE = 0.02

#: PostgreSQL's serialization_failure and deadlock_detected.
_GIVEN_UP = frozenset({"40001", "40P01"})


def retried(service: Callable[P, R]) -> Callable[P, R]:
    """Run ``service`` again if the database gave its transaction up, a few times.

    A site that asks for a stricter isolation level, or holds locks of its own, meets that. Inside
    somebody else's transaction nothing can be done again, so there the error is theirs.
    """

    @wraps(service)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, TRIES):
            try:
                return service(*args, **kwargs)
            except OperationalError as error:
                if transactions.connection().in_atomic_block or not _was_given_up(error):
                    raise
                time.sleep(random.uniform(0, PAUSE * 2**attempt))  # noqa: S311 -- no secret
        return service(*args, **kwargs)

    return run


def _was_given_up(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) in _GIVEN_UP
