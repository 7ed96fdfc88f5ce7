"""The cases that are measured, and reference figures to compare with."""

from dataclasses import dataclass
from typing import Any

#: A request as plain data: method, path, headers, body.
Request = dict[str, Any]


@dataclass(frozen=True)
class Reference:
    """A tuned Nextcloud 29 with Talk 18 on a machine like the one this was written on.

    nginx, 4 PHP-FPM workers with opcache and JIT, persistent PostgreSQL connections, Redis.
    ``rate`` is requests per second by concurrency.
    """

    cpu_ms: float
    rate: dict[int, str]
    statements: float


LIST = Reference(cpu_ms=20, rate={1: "48", 4: "~100", 8: "~100"}, statements=9)
JOIN_LEAVE = Reference(cpu_ms=26, rate={1: "34", 4: "65-86", 8: "65-86"}, statements=32)


@dataclass(frozen=True)
class Case:
    """One row of the report per concurrency; ``key`` is its name in ``prepare`` and ``--only``."""

    key: str
    title: str
    reference: Reference


CASES = (
    Case("list-2", "list, 2 in the call", LIST),
    Case("list-50", "list, 50 in the call", LIST),
    Case("start-end", "join/leave alone, starting and ending the call", JOIN_LEAVE),
    Case("join-leave", "join/leave all together, in a running call", JOIN_LEAVE),
)


@dataclass(frozen=True)
class Cost:
    """What requests cost; CPU in milliseconds per request.

    ``others`` is the share of the machine that neither the site nor the load generator used.
    """

    requests: int
    rate: float
    server_ms: float
    database_ms: float
    p50_ms: float
    p99_ms: float
    others: float

    @property
    def cpu_ms(self) -> float:
        """CPU of the server and of PostgreSQL together."""
        return self.server_ms + self.database_ms


@dataclass(frozen=True)
class Result:
    """What one case cost at one concurrency.

    ``statements`` are SQL statements per request; ``revision`` is empty for this checkout.
    """

    case: Case
    concurrency: int
    statements: float
    cost: Cost
    revision: str = ""

    @property
    def share(self) -> float:
        """Its CPU, as a share of the reference's."""
        return self.cost.cpu_ms / self.case.reference.cpu_ms
