"""Name the database of the app, and open its transactions there.

A site may have several databases, and routers that choose one for each statement.
``django.db.transaction`` ignores them: without ``using`` it acts on ``default``. A lock in one
database is released at once if the transaction is open in another. The whole app therefore gets
its transactions and connections here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.apps import apps
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


def alias() -> str:
    """Return the alias of the database to which the routers send the app's writes.

    The app has one database: the check ``talk_calls.E008`` refuses routers that choose several.
    """
    return router.db_for_write(apps.get_model("talk_calls", "Conversation"))


def connection() -> BaseDatabaseWrapper:
    """Return this thread's connection to the app's database."""
    return connections[alias()]


@contextmanager
def atomic() -> Iterator[None]:
    """Open a transaction in the app's database, or a savepoint in the one that is open.

    Use it as a context manager, or with its parentheses as a decorator: ``@atomic()``.
    """
    with transaction.atomic(using=alias()):
        yield


def on_commit(
    function: Callable[[], object], *, robust: bool = False, using: str | None = None
) -> None:
    """Call ``function`` when the open transaction of the app's database is committed.

    Without one it is called at once. With ``robust`` an error in it is only logged. ``using`` is
    the alias of another database, for what the host changed there.
    """
    transaction.on_commit(function, using=using or alias(), robust=robust)
