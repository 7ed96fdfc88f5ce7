"""Periods of time, and which of them overlap."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise


@dataclass(frozen=True)
class Span:
    """A period; ``end`` is None while it lasts."""

    start: datetime
    end: datetime | None
    name: str = ""

    @property
    def is_negative(self) -> bool:
        """Tell whether it ends before it begins."""
        return self.end is not None and self.end < self.start

    def covers(self, since: datetime, until: datetime) -> bool:
        """Tell whether it has a moment in common with another period."""
        return self.start <= until and (self.end is None or self.end >= since)

    def is_within(self, outer: "Span") -> bool:
        """Tell whether all of it lies in ``outer``."""
        if self.start < outer.start:
            return False
        return outer.end is None or (self.end is not None and self.end <= outer.end)


def overlaps(spans: Iterable[Span]) -> list[tuple[Span, Span]]:
    """Return neighbours in time of which one begins before the other ends."""
    ordered = sorted(spans, key=lambda span: (span.start, span.end is None, span.end))
    return [
        (one, other) for one, other in pairwise(ordered) if one.end is None or one.end > other.start
    ]
