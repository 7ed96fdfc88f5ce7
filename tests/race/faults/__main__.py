"""Cause single faults in real processes on PostgreSQL, and report the outcome of each in a line."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.progress import Progress
from tests.race import site
from tests.race.site import Site

#: Most lines about what is wrong in one case.
_MOST_LINES = 10

_CASES = ("restart", "suspend", "sweeper", "timeouts", "skew")


def main() -> None:
    options = _options()
    site.stop_on_terminate()
    try:
        with site.running(log=options.log, RACE_CLOCK_OFF="0") as running:
            failed = _run(running, options)
    except KeyboardInterrupt:
        print("\nStopped; everything temporary is deleted.", file=sys.stderr)
        sys.exit(130)
    sys.exit(1 if failed else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.race.faults", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=_CASES, default=_CASES, help="some cases")
    parser.add_argument("--sessions", type=int, default=200_000, help="expired sessions to sweep")
    parser.add_argument("--clients", type=int, default=60, help="clients that fall silent")
    parser.add_argument(
        "--long", action="store_true", help="suspend a server for 60 s instead of 6"
    )
    parser.add_argument("--log", type=Path, help="write the output of the processes to this file")
    return parser.parse_args()


def _run(running: Site, options: argparse.Namespace) -> bool:
    """Run the cases one after the other; tell whether anything was wrong."""
    # Models cannot be imported before the site is set up.
    from tests.race import seed, verification
    from tests.race.faults import restart, skew, suspend, sweeper, timeouts

    histories = {
        "restart": restart.histories(),
        "suspend": suspend.histories(),
        "timeouts": timeouts.histories(options.clients),
        "skew": skew.histories(),
    }
    credentials = seed.make_rows([history for some in histories.values() for history in some])
    seconds = 60 if options.long else 6
    cases: dict[str, Callable[[], Any]] = {
        "restart": lambda: restart.run(running, histories["restart"], credentials),
        "suspend": lambda: suspend.run(running, histories["suspend"], credentials, seconds=seconds),
        "sweeper": lambda: sweeper.run(running, sessions=options.sessions),
        "timeouts": lambda: timeouts.run(running, histories["timeouts"], credentials),
        "skew": lambda: skew.run(running, histories["skew"], credentials),
    }
    progress = Progress(len(options.only) + 1)
    failed = False
    for name in options.only:
        progress.show(name)
        start = time.monotonic()
        outcome = cases[name]()
        failed |= _print(name, outcome.line, outcome.wrong, time.monotonic() - start)
        progress.step()
    progress.show("invariants")
    start = time.monotonic()
    wrong = verification.violations_of(running)
    failed |= _print("afterwards", "all invariants hold", wrong, time.monotonic() - start)
    progress.close()
    if failed:
        print("\nlast output of the processes:", *running.errors(), sep="\n", file=sys.stderr)
    return failed


def _print(name: str, line: str, wrong: list[str], took: float) -> bool:
    """Print the outcome of a case; tell whether anything was wrong."""
    print(f"{'WRONG' if wrong else 'ok':<6}{name:<11}{line} ({took:.1f} s)", flush=True)
    for each in wrong[:_MOST_LINES]:
        print(f"      {each}", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    main()
