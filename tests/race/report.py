"""Tables and violations as text."""

from collections.abc import Iterable, Mapping

_MOST_ROWS = 10


def table(rows: Iterable[tuple[str, object]]) -> str:
    """Return names and figures in two columns."""
    cells = [(name, f"{value:,}" if isinstance(value, int) else str(value)) for name, value in rows]
    names = max(len(name) for name, _ in cells)
    values = max(len(value) for _, value in cells)
    return "\n".join(f"{name:<{names}}  {value:>{values}}" for name, value in cells)


def words(name: str) -> str:
    """Return the name of an invariant as words."""
    return name.replace("_", " ")


def violation_lines(violations: Mapping[str, list[str]]) -> list[str]:
    """Return the rows that violate an invariant, the first ten of each."""
    lines = []
    for name, rows in violations.items():
        if not rows:
            continue
        lines.append(f"VIOLATED: {words(name)} ({len(rows)})")
        lines += [f"    {row}" for row in rows[:_MOST_ROWS]]
        if len(rows) > _MOST_ROWS:
            lines.append(f"    and {len(rows) - _MOST_ROWS} more")
    return lines
