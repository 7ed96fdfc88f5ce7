"""Run random histories against real processes that are killed meanwhile, and check the records.

Several web servers and sweepers run on a temporary database. Clients enter, join, leave, are
kicked, locked out, and fall silent, many at the same time; meanwhile servers and sweepers are
killed and database connections closed. In the end all invariants are checked. The seed decides
which client sends what, but not which request comes first, so a violation may need several runs to
come back.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.race import report, site
from tests.race.site import Site

_SERVERS = 3
_SWEEPERS = 2


def main() -> None:
    options = _options()
    site.stop_on_terminate()
    try:
        with site.running(options.database, log=options.log) as running:
            failed = _race(running, options)
    except KeyboardInterrupt:
        print("\nStopped; everything temporary is deleted.", file=sys.stderr)
        sys.exit(130)
    sys.exit(1 if failed else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.race", description=__doc__)
    parser.add_argument("--histories", type=int, default=500, help="how many (default: 500)")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--database", choices=("postgresql", "sqlite"), default="postgresql")
    parser.add_argument("--log", type=Path, help="write the output of the processes to this file")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args()
    if options.histories < 1:
        parser.error("there must be one history at least")
    return options


def _race(running: Site, options: argparse.Namespace) -> bool:
    """Run, print the result, and tell whether an invariant is violated."""
    # Models cannot be imported before the site is set up.
    from tests.race import seed, verification
    from tests.race.history import history
    from tests.race.runner import Race

    histories = [history(options.seed, number) for number in range(options.histories)]
    race = Race(
        running,
        running.servers(_SERVERS),
        running.sweepers(_SWEEPERS),
        seed.make_rows(histories),
        options.seed,
    )
    print(f"seed {options.seed}, {options.database}", file=sys.stderr)
    started = time.monotonic()
    asyncio.run(race.run(histories))
    result = verification.verify(race, histories)
    figures = {
        **result.figures,
        "seconds": round(time.monotonic() - started, 1),
        "seed": options.seed,
        "database": options.database,
    }
    _print(figures, result.violations, options, running)
    return any(result.violations.values())


def _print(
    figures: dict[str, Any],
    violations: dict[str, list[str]],
    options: argparse.Namespace,
    running: Site,
) -> None:
    if options.json:
        print(json.dumps({**figures, "violations": violations}, indent=2))
        return
    print(report.table(figures.items()))
    counts = [(report.words(name), len(rows)) for name, rows in violations.items()]
    print("\nviolations")
    print(report.table(counts))
    lines = report.violation_lines(violations)
    if lines:
        again = f"python -m tests.race --histories {options.histories} --seed {options.seed}"
        print("", *lines, f"again: {again} --database {options.database}", sep="\n")
        print("\nlast output of the processes:", *running.errors(), sep="\n", file=sys.stderr)


if __name__ == "__main__":
    main()
