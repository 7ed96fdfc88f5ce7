"""Measure the demo site on PostgreSQL, and compare the figures with those of a real Nextcloud.

CPU is user and system time of all processes of the web server and of PostgreSQL, read before and
after each case, without that of the load generator. Everything is made for the measurement and
deleted after it.

With --against another revision of the app is measured in turn with this one, on a database of its
own; use it with several --rounds.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import report
from tests.benchmarks.cases import CASES, Case, Cost, Result
from tests.benchmarks.measure import Site, cost, statements
from tests.benchmarks.prepare import Prepared, User, prepare, users_needed
from tests.benchmarks.progress import Progress
from tests.benchmarks.revision import checkout
from tests.servers import postgres, web


@dataclass(frozen=True)
class Variant:
    """A site that is measured; ``revision`` is empty for this checkout."""

    revision: str
    site: Site
    prepared: Prepared


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        _run(options)
    except KeyboardInterrupt:
        print("\nStopped; everything made for it is deleted.", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5, help="per case (default: 5)")
    parser.add_argument("--warm-up", type=float, default=2, help="seconds before (default: 2)")
    parser.add_argument("--quick", action="store_true", help="1 second per case, half to warm up")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--server", choices=web.available(), default="uvicorn")
    parser.add_argument("--workers", type=int, default=2, help="server processes (default: 2)")
    parser.add_argument(
        "--concurrency", type=int, nargs="+", default=[1, 8], help="clients (default: 1 8)"
    )
    keys = [case.key for case in CASES]
    parser.add_argument("--only", nargs="+", choices=keys, default=keys, help="some of the cases")
    parser.add_argument(
        "--against", metavar="REV", default="", help="compare with this revision, round by round"
    )
    parser.add_argument(
        "--rounds", type=int, default=1, help="per case; the median counts (default: 1)"
    )
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.warm_up = 1, 0.5
    if not Path("/proc/self/stat").exists():
        parser.error("CPU time is read from /proc, which only Linux has")
    return options


def _run(options: argparse.Namespace) -> None:
    cases = [case for case in CASES if case.key in options.only]
    names = ["", *([options.against] if options.against else [])]
    progress = Progress(len(names) + len(cases) * len(options.concurrency))
    before = report.state()
    with ExitStack() as stack:
        variants = []
        for name in names:
            progress.show(f"starting {name or 'the site'}")
            variants.append(_start(name, options, stack))
            progress.step()
        version = variants[0].site.cluster.run("SHOW server_version")
        results = _measure(cases, variants, options, progress)
    conditions = {
        **report.facts(version, options.server),
        "workers": options.workers,
        "seconds": options.seconds,
        "rounds": options.rounds,
        "before": before,
        "after": report.state(),
    }
    print(report.as_json(results, conditions) if options.json else _page(results, conditions))


def _start(revision: str, options: argparse.Namespace, stack: ExitStack) -> Variant:
    """Start a site with this checkout, or with another revision, and prepare all cases on it."""
    directory = stack.enter_context(checkout(revision)) if revision else None
    cluster = stack.enter_context(postgres.cluster())
    environment = web.production_environment("tests.benchmarks.settings", cluster.url)
    clients = max(options.concurrency)
    users = _make_users(environment, directory, users_needed(clients))
    running = web.running(
        options.server, workers=options.workers, environment=environment, directory=directory
    )
    server = stack.enter_context(running)
    prepared = prepare(server, users, clients=clients)
    cluster.run("VACUUM ANALYZE")
    return Variant(revision, Site(server, cluster), prepared)


def _make_users(environment: dict[str, str], directory: Path | None, count: int) -> list[User]:
    command = [sys.executable, "-m", "tests.benchmarks.users", str(count)]
    done = subprocess.run(
        command, env=environment, cwd=directory, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        sys.exit("Making users failed; the lines above say why.")
    return [User(*each) for each in json.loads(done.stdout)]


def _measure(
    cases: Sequence[Case],
    variants: Sequence[Variant],
    options: argparse.Namespace,
    progress: Progress,
) -> list[Result]:
    """Measure each case on all variants in turn, and keep the median round of each."""
    results = []
    for case in cases:
        counts = [statements(each.site, each.prepared[case.key][0]) for each in variants]
        for concurrency in options.concurrency:
            progress.show(f"{case.title}, {concurrency} at once")
            rounds = [
                [_cost(variant, case, concurrency, options) for variant in variants]
                for _ in range(options.rounds)
            ]
            for variant, counted, *costs in zip(variants, counts, *rounds, strict=True):
                median = sorted(costs, key=lambda cost: cost.cpu_ms)[len(costs) // 2]
                results.append(Result(case, concurrency, counted, median, variant.revision))
            progress.step()
    progress.close()
    return results


def _cost(variant: Variant, case: Case, concurrency: int, options: argparse.Namespace) -> Cost:
    clients = variant.prepared[case.key][:concurrency]
    return cost(clients, variant.site, seconds=options.seconds, warm_up=options.warm_up)


def _page(results: Sequence[Result], conditions: dict[str, Any]) -> str:
    others = max(result.cost.others for result in results)
    return "\n".join(
        [
            report.table(results),
            "",
            *(f"{name}: {value}" for name, value in conditions.items()),
            f"other processes took up to {others:.0%} of the machine during a case",
            "reference: a tuned Nextcloud 29 with Talk 18 on a machine like this, measured once",
            "not in the figures: TLS and the proxy; the load came from the same machine",
        ]
    )


if __name__ == "__main__":
    main()
