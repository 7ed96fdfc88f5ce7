"""How long requests took, and which of them failed."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any


@dataclass(slots=True)
class Measurements:
    """Results by kind of request: seconds of each that was answered, and failures by cause."""

    seconds: float = 0.0
    durations: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add_response(self, kind: str, seconds: float, status: int) -> None:
        """Record a response; from status 400 on it is a failure too."""
        self.durations[kind].append(seconds)
        if status >= HTTPStatus.BAD_REQUEST:
            self.failures[kind][str(status)] += 1

    def add_failure(self, kind: str, cause: str) -> None:
        """Record a request that got no response."""
        self.failures[kind][cause] += 1

    @property
    def failed(self) -> int:
        """Return how many requests failed."""
        return sum(counts.total() for counts in self.failures.values())

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each kind: count, requests per second, milliseconds, failures."""
        return [self._row(kind) for kind in {**self.durations, **self.failures}]

    def _row(self, kind: str) -> dict[str, Any]:
        durations = sorted(self.durations.get(kind, []))
        return {
            "request": kind,
            "count": len(durations),
            "per_second": round(len(durations) / self.seconds, 1) if self.seconds else 0.0,
            **{f"p{percent}_ms": _rounded(durations, percent) for percent in (50, 95, 99)},
            "max_ms": _rounded(durations, 100),
            "failures": dict(self.failures.get(kind, {})),
        }


def percentile(durations: list[float], percent: int) -> float:
    """Return the milliseconds that ``percent`` of the durations did not exceed.

    ``durations`` are sorted seconds, at least one.
    """
    return durations[-(-len(durations) * percent // 100) - 1] * 1000


def _rounded(durations: list[float], percent: int) -> float | None:
    return round(percentile(durations, percent), 1) if durations else None
