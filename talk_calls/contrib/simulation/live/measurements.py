"""How long requests took, and which of them failed."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TypedDict


class Row(TypedDict):
    """The results of one kind of request, with percentiles of the milliseconds it took.

    These are None if no request got a response. ``failures`` are numbers by cause.
    """

    request: str
    count: int
    per_second: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    failures: dict[str, int]


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

    def rows(self) -> list[Row]:
        """Return a row for each kind of request."""
        return [self._row(kind) for kind in {**self.durations, **self.failures}]

    def _row(self, kind: str) -> Row:
        durations = sorted(self.durations.get(kind, []))
        return {
            "request": kind,
            "count": len(durations),
            "per_second": round(len(durations) / self.seconds, 1) if self.seconds else 0.0,
            "p50_ms": _rounded(durations, 50),
            "p95_ms": _rounded(durations, 95),
            "p99_ms": _rounded(durations, 99),
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
