"""How long requests took, and which of them failed."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

#: The first status that says that something went wrong.
_REFUSED = 400


@dataclass(slots=True)
class Measures:
    """What was seen, by kind of request: seconds of each that was answered, and failures."""

    seconds: float = 0.0
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def note(self, kind: str, seconds: float, status: int) -> None:
        """Take down an answer."""
        self.took[kind].append(seconds)
        if status >= _REFUSED:
            self.failures[kind][str(status)] += 1

    def fail(self, kind: str, why: str) -> None:
        """Take down that there was no answer."""
        self.failures[kind][why] += 1

    @property
    def failed(self) -> int:
        """Return how many requests failed."""
        return sum(counts.total() for counts in self.failures.values())

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each kind: count, requests per second, milliseconds, failures."""
        return [self._row(kind) for kind in {**self.took, **self.failures}]

    def _row(self, kind: str) -> dict[str, Any]:
        took = sorted(self.took.get(kind, []))
        return {
            "request": kind,
            "count": len(took),
            "per_second": round(len(took) / self.seconds, 1) if self.seconds else 0.0,
            **{f"p{percent}_ms": percentile(took, percent) for percent in (50, 95, 99)},
            "max_ms": percentile(took, 100),
            "failures": dict(self.failures.get(kind, {})),
        }


def percentile(took: list[float], percent: int) -> float | None:
    """Return the milliseconds that ``percent`` of the sorted seconds did not exceed."""
    if not took:
        return None
    return round(took[-(-len(took) * percent // 100) - 1] * 1000, 1)
