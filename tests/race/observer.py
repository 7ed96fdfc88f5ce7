"""What clients observe: responses, acknowledged changes, and errors that must not happen."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

#: How long after a connection was closed its request may still fail.
CUT_EFFECT = timedelta(seconds=0.2)


@dataclass(frozen=True)
class Join:
    """An acknowledged join.

    ``username`` is empty for a guest, who is known by the keys of all sessions it ever had.
    """

    conversation: str
    username: str
    keys: frozenset[str]
    sent: datetime
    answered: datetime


@dataclass(frozen=True)
class Ping:
    """An acknowledged ping: ``at`` is its time, ``stored`` when it was stored at the latest.

    Both are times of the site's clock.
    """

    conversation: str
    key: str
    at: datetime
    stored: datetime


@dataclass
class Observer:
    """Collects what all clients observe."""

    statuses: Counter[str] = field(default_factory=Counter)
    joins: list[Join] = field(default_factory=list)
    pings: list[Ping] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    #: When connections of the site to its database were closed, by our clock.
    cuts: list[datetime] = field(default_factory=list)

    def was_cut(self, since: datetime, until: datetime) -> bool:
        """Tell whether requests between two moments may have lost their database connection."""
        return any(cut <= until and since <= cut + CUT_EFFECT for cut in self.cuts)
