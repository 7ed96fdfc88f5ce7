"""Routers under which a read that follows them finds nothing, or what was true long ago."""

from typing import Any


class ReadsElsewhere:
    """Writes to ``site``, and has the app read from a database without tables.

    That is a replica which lags behind by everything. Other apps read what they wrote.
    """

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Lead the app astray."""
        return "default" if model._meta.app_label == "talk_calls" else "site"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Keep everything in one place."""
        return "site"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Let rows refer to each other, whichever database they were read from."""
        return True


class ReadsTheReplica:
    """The router of Django's documentation for a primary and replicas: all reads are elsewhere."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Choose the replica, also for what was just written."""
        return "replica"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        """Choose the primary."""
        return "default"

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool:
        """Both have the same rows."""
        return True
