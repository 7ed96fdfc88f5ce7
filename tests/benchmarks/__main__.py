"""Measure the demo site on PostgreSQL, in milliseconds of CPU and in yardsticks.

CPU is user and system time of all processes of the web server and of PostgreSQL, without that of
the load generator. Each round measures a fixed piece of Python and an empty view of Django on the
same kind of server too (the yardsticks), so what slows the machine slows both, and the ratios of
different days compare. Everything is made for the measurement and deleted after it.

With --against another revision is measured in turn with this one, on a database of its own, which
its own migrations make; so are another interpreter and another server.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import report
from tests.benchmarks.cases import CASES, Case, Result
from tests.benchmarks.measure import Duration, Site, measure_in_turn, statements
from tests.benchmarks.prepare import Prepared, User, prepare, users_needed
from tests.benchmarks.progress import Progress
from tests.benchmarks.revision import checkout, interpreter
from tests.servers import postgres, web
from tests.servers.web import WebServer


@dataclass(frozen=True)
class Choice:
    """A server, a revision and an interpreter; those that are empty are this checkout's.

    ``name`` tells it from this checkout with the same server, whose name is empty.
    """

    server: str
    revision: str = ""
    python: str = ""
    name: str = ""


@dataclass(frozen=True)
class Variant:
    """A site that is measured; ``name`` is empty for this checkout."""

    name: str
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
    parser.add_argument("--seconds", type=float, default=1, help="per case and round (default: 1)")
    parser.add_argument("--warm-up", type=float, default=2, help="seconds before (default: 2)")
    parser.add_argument("--rounds", type=int, default=7, help="per case (default: 7)")
    parser.add_argument("--quick", action="store_true", help="3 rounds, half a second to warm up")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--server", choices=web.available(), default="uvicorn")
    parser.add_argument("--workers", type=int, default=2, help="server processes (default: 2)")
    parser.add_argument(
        "--concurrency", type=int, nargs="+", default=[1, 4], help="clients (default: 1 4)"
    )
    keys = [case.key for case in CASES]
    parser.add_argument("--only", nargs="+", choices=keys, default=keys, help="some of the cases")
    parser.add_argument("--against", metavar="REV", default="", help="compare with this revision")
    parser.add_argument(
        "--against-python", metavar="PATH", default="", help="with this interpreter; needs packages"
    )
    parser.add_argument(
        "--against-server", choices=web.available(), default="", help="with this server"
    )
    options = parser.parse_args()
    if options.quick:
        options.rounds, options.warm_up = 3, 0.5
    if not Path("/proc/self/stat").exists():
        parser.error("CPU time is read from /proc, which only Linux has")
    return options


def _choices(options: argparse.Namespace) -> list[Choice]:
    """Return what is measured in turn, this checkout first."""
    this = Choice(options.server)
    given = (options.against_server, options.against, options.against_python)
    if not any(given):
        return [this]
    server = options.against_server or options.server
    name = " ".join(filter(None, given))
    return [this, Choice(server, options.against, options.against_python, name)]


def _run(options: argparse.Namespace) -> None:
    cases = [case for case in CASES if case.key in options.only]
    choices = _choices(options)
    progress = Progress(len(choices) + len(cases) * len(options.concurrency))
    before = report.state()
    with ExitStack() as stack:
        yardstick = stack.enter_context(_yardstick(options))
        variants = []
        for choice in choices:
            progress.show(f"starting {choice.name or 'the site'}")
            variants.append(_start(choice, options, stack))
            progress.step()
        version = variants[0].site.cluster.run("SHOW server_version")
        results = _measure(cases, variants, yardstick, options, progress)
    conditions = {
        **report.facts(version, options.server),
        "workers": options.workers,
        "seconds": options.seconds,
        "rounds": options.rounds,
        "before": before,
        "after": report.state(),
    }
    print(report.as_json(results, conditions) if options.json else _page(results, conditions))


def _yardstick(options: argparse.Namespace) -> AbstractContextManager[WebServer]:
    return web.running(
        options.server,
        workers=options.workers,
        environment=dict(os.environ),
        application="tests.benchmarks.yardstick:{interface}",
    )


def _start(choice: Choice, options: argparse.Namespace, stack: ExitStack) -> Variant:
    """Start a site and prepare all cases on it."""
    directory, python = None, choice.python or sys.executable
    if choice.revision:
        directory = stack.enter_context(checkout(choice.revision))
        python = choice.python or stack.enter_context(interpreter(directory))
    cluster = stack.enter_context(postgres.cluster())
    environment = web.production_environment("tests.benchmarks.settings", cluster.url)
    clients = max(options.concurrency)
    command = [python, "-m", "tests.benchmarks.users", str(users_needed(clients))]
    users = _make_users(command, environment, directory)
    running = web.running(
        choice.server,
        workers=options.workers,
        environment=environment,
        directory=directory,
        python=python,
    )
    server = stack.enter_context(running)
    prepared = prepare(server, users, options.only, clients=clients)
    cluster.run("VACUUM ANALYZE")
    return Variant(choice.name, Site(server, cluster), prepared)


def _make_users(
    command: list[str], environment: dict[str, str], directory: Path | None
) -> list[User]:
    done = subprocess.run(
        command, env=environment, cwd=directory, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        sys.exit("Making users failed; the lines above say why.")
    return [User(*each) for each in json.loads(done.stdout)]


def _measure(
    cases: Sequence[Case],
    variants: Sequence[Variant],
    yardstick: WebServer,
    options: argparse.Namespace,
    progress: Progress,
) -> list[Result]:
    """Measure each case on all variants in turn."""
    duration = Duration(options.seconds, options.warm_up, options.rounds)
    results = []
    for case in cases:
        counts = [statements(each.site, each.prepared[case.key][0]) for each in variants]
        for concurrency in options.concurrency:
            progress.show(f"{case.title}, {concurrency} at once")
            sites = [(each.site, each.prepared[case.key][:concurrency]) for each in variants]
            costs = measure_in_turn(sites, yardstick, duration)
            for variant, counted, rounds in zip(variants, counts, costs, strict=True):
                results.append(Result(case, concurrency, counted, rounds, variant.name))
            progress.step()
    progress.close()
    return results


def _page(results: Sequence[Result], conditions: dict[str, Any]) -> str:
    others = max(each.others for result in results for each in result.rounds)
    this = [result for result in results if not result.variant]
    compared = [result for result in results if result.variant]
    lines = [report.table(results), ""]
    if compared:
        lines += [report.comparison(this, compared), ""]
    return "\n".join(
        [
            *lines,
            *(f"{name}: {value}" for name, value in conditions.items()),
            f"other processes took up to {others:.0%} of the machine during a round",
            f"reference: {report.REFERENCE}",
            "not in the figures: TLS and the proxy; the load came from the same machine",
        ]
    )


if __name__ == "__main__":
    main()
