"""Measure the demo site on PostgreSQL, and compare the figures with those of a real Nextcloud.

CPU is user and system time of all processes of the web server and of PostgreSQL, read before and
after each case, without that of the load generator. Everything is made for the measurement and
deleted after it.
"""

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import report
from tests.benchmarks.cases import CASES, Case, Request, Result
from tests.benchmarks.measure import Site, cost, statements
from tests.benchmarks.progress import Progress
from tests.servers import postgres, web

#: By key of a case: the requests of each client.
Prepared = dict[str, list[list[Request]]]


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
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.warm_up = 1, 0.5
    if not Path("/proc/self/stat").exists():
        parser.error("CPU time is read from /proc, which only Linux has")
    return options


def _run(options: argparse.Namespace) -> None:
    cases = [case for case in CASES if case.key in options.only]
    progress = Progress(1 + len(cases) * len(options.concurrency))
    before = report.state()
    progress.show("making a PostgreSQL server and conversations")
    with postgres.cluster() as cluster:
        environment = web.production_environment("tests.benchmarks.settings", cluster.url)
        prepared = _seed(environment, clients=max(options.concurrency))
        cluster.run("VACUUM ANALYZE")
        facts = report.facts(cluster.run("SHOW server_version"), options.server)
        progress.step()
        with web.running(
            options.server, workers=options.workers, environment=environment
        ) as running:
            results = _measure(cases, prepared, Site(running, cluster), options, progress)
    conditions = {
        **facts,
        "workers": options.workers,
        "seconds": options.seconds,
        "before": before,
        "after": report.state(),
    }
    print(report.as_json(results, conditions) if options.json else _page(results, conditions))


def _seed(environment: dict[str, str], *, clients: int) -> Prepared:
    command = [sys.executable, "-m", "tests.benchmarks.seed", str(clients)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit("Filling the database failed; the lines above say why.")
    prepared: Prepared = json.loads(done.stdout)
    return prepared


def _measure(
    cases: Sequence[Case],
    prepared: Prepared,
    site: Site,
    options: argparse.Namespace,
    progress: Progress,
) -> list[Result]:
    results = []
    for case in cases:
        clients = prepared[case.key]
        counted = statements(site, clients[0])
        for concurrency in options.concurrency:
            progress.show(f"{case.title}, {concurrency} at once")
            spent = cost(
                clients[:concurrency], site, seconds=options.seconds, warm_up=options.warm_up
            )
            results.append(Result(case, concurrency, counted, spent))
            progress.step()
    progress.close()
    return results


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
