"""The cases that are measured, and the reference to compare with."""

from dataclasses import dataclass, replace
from typing import Any

from tests.benchmarks.spread import Spread, ratios, spread

#: A request as plain data: method, path, headers, body.
Request = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """A tuned Nextcloud 29 with Talk 18, measured beside the app at one commit (``MEASURED_AT``).

    nginx, 4 PHP-FPM workers with opcache and JIT, persistent PostgreSQL connections, Redis; the
    same machine and the same PostgreSQL, within minutes, at one and at four requests at a time.
    ``share`` is the app's CPU as a share of the reference's, and ``app`` the CPU of the app at that
    commit in yardsticks. So the reference is known in yardsticks too, and needs not be run again.
    """

    share: float
    app: float

    @property
    def yardsticks(self) -> float:
        """CPU of the reference."""
        return self.app / self.share


#: The commit whose costs were measured beside the reference.
MEASURED_AT = "e3c9eaa"

LIST = Reference(share=0.22, app=2.8)
JOIN_LEAVE = Reference(share=0.23, app=5.2)  # the middle of 21 and 25 %


@dataclass(frozen=True)
class Case:
    """One row of the report per concurrency; ``key`` is its name in ``prepare`` and ``--only``."""

    key: str
    title: str
    reference: Reference | None = None


CASES = (
    Case("list-2", "list, 2 in the call", LIST),
    Case("list-50", "list, 50 in the call"),
    Case("start-end", "join/leave alone, starting and ending the call"),
    Case("join-leave", "join/leave all together, in a running call", JOIN_LEAVE),
    Case("rooms-500", "room list, 500 conversations"),
)


@dataclass(frozen=True)
class Cost:
    """What requests cost in one round; CPU in milliseconds per request.

    ``others`` is the share of the machine that neither the site nor the load generator used.
    ``empty_ms`` is CPU of a request to the empty view in the same round, and ``python_ms`` that of
    the fixed piece of Python.
    """

    requests: int
    rate: float
    server_ms: float
    database_ms: float
    p50_ms: float
    p99_ms: float
    others: float
    empty_ms: float = 0.0
    python_ms: float = 0.0

    @property
    def cpu_ms(self) -> float:
        """CPU of the server and of PostgreSQL together."""
        return self.server_ms + self.database_ms

    def beside(self, *, empty_ms: float, python_ms: float) -> "Cost":
        """Return this with the yardstick of its round."""
        return replace(self, empty_ms=empty_ms, python_ms=python_ms)


@dataclass(frozen=True)
class Result:
    """What one case cost at one concurrency, round by round.

    ``statements`` are SQL statements per request; ``variant`` is empty for this checkout.
    """

    case: Case
    concurrency: int
    statements: float
    rounds: list[Cost]
    variant: str = ""

    @property
    def cpu_ms(self) -> Spread:
        """CPU of one request, of the server and of PostgreSQL."""
        return spread(self._all("cpu_ms"))

    @property
    def yardsticks(self) -> Spread:
        """The same, divided by that of a request to the empty view in the same round."""
        return ratios(self._all("cpu_ms"), self._all("empty_ms"))

    @property
    def pythons(self) -> Spread:
        """The same, divided by that of the fixed piece of Python in the same round."""
        return ratios(self._all("cpu_ms"), self._all("python_ms"))

    @property
    def share(self) -> float | None:
        """Its CPU, as a share of the reference's."""
        reference = self.case.reference
        return self.yardsticks.median / reference.yardsticks if reference else None

    def median(self, name: str) -> float:
        """Return the median of a figure of the rounds."""
        return spread(self._all(name)).median

    def against(self, other: "Result") -> Spread:
        """Return the ratio of this CPU to that of another variant in the same rounds."""
        return ratios(self._all("cpu_ms"), other._all("cpu_ms"))

    def _all(self, name: str) -> list[float]:
        return [getattr(each, name) for each in self.rounds]
