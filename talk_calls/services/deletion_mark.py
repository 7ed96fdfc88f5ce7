"""Deleting rows whose sessions are closed already.

When a host deletes conversations or attendees, ``receivers`` close the sessions before the rows are
deleted. Django passes each receiver the origin of the deletion, an instance or a queryset. An
attribute of it marks deletions by a service, which has closed the sessions already. Calls that are
deleted when they are too old (``retention``) are marked as well: their days are final.
"""

from django.db.models import Model, QuerySet

_MARK = "_talk_calls_is_closed"


def delete_closed(rows: QuerySet[Model] | Model) -> None:
    """Delete conversations, attendees or calls, or one; ``receivers`` ignore this deletion."""
    vars(rows)[_MARK] = True
    try:
        rows.delete()
    finally:  # after a rollback the host may delete the same instance
        del vars(rows)[_MARK]


def is_closed(origin: object) -> bool:
    """Tell whether a deletion with this origin comes from ``delete_closed``."""
    return hasattr(origin, _MARK)
