"""Figures as a table or as JSON, and the conditions of the measurement."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks import cpu
from tests.benchmarks.cases import JOIN_LEAVE, LIST, MEASURED_AT, Result

_COLUMNS = (
    *("case", "at once", "req/s", "CPU ms", "server", "postgres", "p50 ms", "p99 ms", "SQL"),
    *("| CPU / Python", "CPU / empty view", "reference", "share of its CPU"),
)

#: Where the figures of the reference come from.
REFERENCE = (
    f"a tuned Nextcloud 29 with Talk 18, measured on one machine with the app of {MEASURED_AT}, "
    f"whose CPU was {LIST.share:.0%} of its for a list, {JOIN_LEAVE.share:.0%} for a join or "
    "leave; in empty views it is what the app took at that commit, divided by these shares"
)

_COMPARED = ("case", "at once", "CPU ratio", "quartiles")


def facts(postgres: str, server: str) -> dict[str, str]:
    """Return the machine and the software that the figures depend on."""
    packages = ("django", "djangorestframework", "psycopg", server)
    return {
        "machine": f"{os.cpu_count()} × {_cpu_model()}, {_memory_gib():.0f} GiB, "
        f"{platform.system()} {platform.release()}",
        "software": ", ".join(
            [
                f"Python {platform.python_version()}",
                *(f"{name} {version(name)}" for name in packages),
                f"PostgreSQL {postgres}",
            ]
        ),
    }


def state() -> str:
    """Return the load and the CPU speed of the machine now."""
    load = " ".join(f"{load:.2f}" for load in os.getloadavg())
    return f"load average {load}; a fixed piece of Python takes {cpu.speed():.1f} ms of CPU"


def table(results: Sequence[Result]) -> str:
    """Return the figures in columns."""
    return columns([_COLUMNS, *(_row(result) for result in results)])


def comparison(results: Sequence[Result], others: Sequence[Result]) -> str:
    """Return how the CPU of results relates to that of another variant, in columns."""
    rows = [_COMPARED]
    for result, other in zip(results, others, strict=True):
        ratio = result.against(other)
        figures = (f"{ratio.median:.3f}", f"{ratio.low:.3f} to {ratio.high:.3f}")
        rows.append((result.case.title, str(result.concurrency), *figures))
    return columns(rows)


def as_json(results: Sequence[Result], conditions: dict[str, Any]) -> str:
    """Return figures and conditions as JSON."""
    cases = [
        {
            **asdict(result),
            "cpu_ms": result.cpu_ms._asdict(),
            "yardsticks": result.yardsticks._asdict(),
            "pythons": result.pythons._asdict(),
            "share": result.share,
        }
        for result in results
    ]
    return json.dumps({**conditions, "results": cases}, indent=2)


def columns(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows, the first of which are titles, as a table for a terminal."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *rest = (
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join([first, *rest]))
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def _row(result: Result) -> tuple[str, ...]:
    reference = result.case.reference
    return (
        f"{result.case.title} ({result.variant})" if result.variant else result.case.title,
        str(result.concurrency),
        f"{result.median('rate'):.0f}",
        f"{result.cpu_ms.median:.2f}",
        f"{result.median('server_ms'):.2f}",
        f"{result.median('database_ms'):.2f}",
        f"{result.median('p50_ms'):.1f}",
        f"{result.median('p99_ms'):.1f}",
        f"{result.statements:.1f}",
        f"{result.pythons.median:.2f}",
        str(result.yardsticks),
        f"{reference.yardsticks:.1f}" if reference else "–",
        f"{result.share:.0%}" if result.share else "–",
    )


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "CPU")


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
