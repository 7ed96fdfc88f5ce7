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
from tests.benchmarks.cases import Result

_COLUMNS = (
    *("case", "at once", "req/s", "CPU ms", "server", "postgres", "p50 ms", "p99 ms", "SQL"),
    *("| ref. req/s", "CPU ms", "share of its CPU"),
)


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
    rows = [_COLUMNS, *(_row(result) for result in results)]
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


def as_json(results: Sequence[Result], conditions: dict[str, Any]) -> str:
    """Return figures and conditions as JSON."""
    cases = [
        {**asdict(result), "cpu_ms": result.cost.cpu_ms, "share": result.share}
        for result in results
    ]
    return json.dumps({**conditions, "results": cases}, indent=2)


def _row(result: Result) -> tuple[str, ...]:
    cost, reference = result.cost, result.case.reference
    return (
        f"{result.case.title} ({result.revision})" if result.revision else result.case.title,
        str(result.concurrency),
        f"{cost.rate:.0f}",
        f"{cost.cpu_ms:.2f}",
        f"{cost.server_ms:.2f}",
        f"{cost.database_ms:.2f}",
        f"{cost.p50_ms:.1f}",
        f"{cost.p99_ms:.1f}",
        f"{result.statements:.1f}",
        reference.rate.get(result.concurrency, "?"),
        f"{reference.cpu_ms:.0f}",
        f"{result.share:.0%}",
    )


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), "CPU")


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
