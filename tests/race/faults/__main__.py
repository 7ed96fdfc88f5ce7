"""Let single faults happen to real processes on PostgreSQL, and say in a line what came of each."""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.benchmarks.progress import Progress
from tests.race import site
from tests.race.site import Site

#: Lines of what is wrong with one case.
_MOST = 10

_CASES = ("restart", "suspend", "sweeper", "ghosts", "skew")


def main() -> None:
    options = _options()
    site.stop_on_terminate()
    try:
        with site.running(log=options.log, RACE_CLOCK_OFF="0") as running:
            failed = _run(running, options)
    except KeyboardInterrupt:
        print("\nStopped; nothing is left behind.", file=sys.stderr)
        sys.exit(130)
    sys.exit(1 if failed else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.race.faults", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=_CASES, default=_CASES, help="some cases")
    parser.add_argument("--sessions", type=int, default=200_000, help="dead ones to sweep")
    parser.add_argument("--ghosts", type=int, default=60, help="clients that die")
    parser.add_argument("--long", action="store_true", help="60 s suspended, and not 6")
    parser.add_argument("--log", type=Path, help="keep what the processes say in this file")
    return parser.parse_args()


def _run(running: Site, options: argparse.Namespace) -> bool:
    """Run the cases one after the other; tell whether anything was wrong."""
    from tests.race import finish, seed  # there are no models before the site is set up
    from tests.race.faults import ghosts, restart, skew, suspend, sweeper

    rooms = {
        "restart": restart.rooms(),
        "suspend": suspend.rooms(),
        "ghosts": ghosts.rooms(options.ghosts),
        "skew": skew.rooms(),
    }
    known = seed.fill([history for histories in rooms.values() for history in histories])
    stop = 60 if options.long else 6
    cases: dict[str, Callable[[], Any]] = {
        "restart": lambda: restart.run(running, rooms["restart"], known),
        "suspend": lambda: suspend.run(running, rooms["suspend"], known, seconds=stop),
        "sweeper": lambda: sweeper.run(running, sessions=options.sessions),
        "ghosts": lambda: ghosts.run(running, rooms["ghosts"], known),
        "skew": lambda: skew.run(running, rooms["skew"], known),
    }
    progress = Progress(len(options.only) + 1)
    failed = False
    for name in options.only:
        progress.say(name)
        begun = time.monotonic()
        outcome = cases[name]()
        failed |= _tell(name, outcome.line, outcome.wrong, time.monotonic() - begun)
        progress.step()
    progress.say("invariants")
    begun = time.monotonic()
    wrong = finish.violated(running)
    failed |= _tell("afterwards", "all invariants hold", wrong, time.monotonic() - begun)
    progress.close()
    if failed:
        print("\nthe last words of the processes:", *running.errors(), sep="\n", file=sys.stderr)
    return failed


def _tell(name: str, line: str, wrong: list[str], took: float) -> bool:
    """Print what came of a case; tell whether anything was wrong."""
    print(f"{'WRONG' if wrong else 'ok':<6}{name:<11}{line} ({took:.1f} s)", flush=True)
    for each in wrong[:_MOST]:
        print(f"      {each}", flush=True)
    return bool(wrong)


if __name__ == "__main__":
    main()
