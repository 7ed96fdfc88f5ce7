"""Locks of rows that several processes may work on at once."""

from typing import TypeVar

from django.db.models import F, Model, QuerySet

from talk_calls.db import transactions

RowSet = TypeVar("RowSet", bound=QuerySet[Model, object])


def free(rows: RowSet) -> RowSet:
    """Lock the rows as they are read, and pass over those that another transaction has locked.

    SQLite locks no rows: there a transaction that writes keeps all others from writing.
    """
    if not transactions.connection().features.has_select_for_update_skip_locked:
        return rows
    return rows.select_for_update(skip_locked=True)


def free_first(rows: RowSet, field: str) -> RowSet:
    """Lock rows as ``free`` does, in a transaction that has done nothing before.

    SQLite fails at the first write of a transaction that began with a read, if somebody else wrote
    meanwhile. So there ``field`` of the rows is written first, as it is.
    """
    if not transactions.connection().features.has_select_for_update_skip_locked:
        rows.update(**{field: F(field)})
    return free(rows)
