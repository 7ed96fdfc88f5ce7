"""Errors of the database as one line for operators."""

from django.db import DatabaseError, InterfaceError, OperationalError

from talk_calls.db import transactions
from talk_calls.health.migrations import missing_migrations
from talk_calls.management.texts import lazy as _


def explained(error: DatabaseError | InterfaceError) -> tuple[str, str] | None:
    """Return what is wrong with the database, and a hint; None if it seems to be an error of ours.

    The database is away, lacks migrations of any app, or fails for a reason that it names itself.
    """
    try:
        missing = missing_migrations(transactions.connection())
    except (DatabaseError, InterfaceError) as away:
        message = _("The database cannot be reached: {error}").format(error=_first_line(away))
        return message, _("Is it running, and do the settings (DATABASES) name it?")
    if missing:
        message = _("The database lacks migrations: {names}.").format(names=_some(missing))
        return message, _("Run manage.py migrate, with the same settings as the site.")
    if isinstance(error, OperationalError):
        message = _("The database failed: {error}").format(error=_first_line(error))
        return message, _("Add --traceback for all that it says.")
    return None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def _some(names: list[str]) -> str:
    """Return the first names, and how many others there are."""
    first, others = names[:3], len(names[3:])
    return ", ".join([*first, *([f"+{others}"] if others else [])])
