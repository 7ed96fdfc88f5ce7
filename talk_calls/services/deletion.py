"""Deleting rows whose sessions are closed already.

A host may delete conversations and attendees as well: ``receivers`` then close the sessions before
the rows go. Django hands each receiver the origin of the deletion, which is an instance or a
queryset. A mark on it tells them that a service has done that already.
"""

from typing import Any

from django.db.models import Model, QuerySet

_MARK = "_talk_calls_is_closed"


def delete_closed(rows: QuerySet[Any] | Model) -> None:
    """Delete conversations or attendees, or one of them; ``receivers`` ignore this deletion."""
    vars(rows)[_MARK] = True
    try:
        rows.delete()
    finally:  # after a rollback the host may delete the same instance
        del vars(rows)[_MARK]


def is_closed(origin: object) -> bool:
    """Tell whether a deletion with this origin comes from ``delete_closed``."""
    return _MARK in vars(origin)
