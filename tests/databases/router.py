"""A router under which a read that follows it finds nothing."""

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
