"""Attack a running site, and measure the cost for the server and the people who use it meanwhile.

Each attack is a module of tests/attacks/live. Told are CPU seconds and memory of the server, the
latency of honest requests before and during the attack, and figures of its own. Exits with 1 if one
of them is beyond its bound, which is generous.
"""

import argparse
import asyncio
import json
import signal
import sys
import time
from dataclasses import asdict, dataclass
from importlib import import_module
from typing import Any

from tests.attacks import live
from tests.attacks.harness import site as attacked
from tests.attacks.harness.figures import Figure, table
from tests.attacks.harness.site import Site, api
from tests.benchmarks import report
from tests.benchmarks.measure import LoadGenerator, load_generator
from tests.benchmarks.progress import Progress

_ATTACKS = (
    "largest_bodies",
    "longer_bodies",
    "slow_bodies",
    "mailbox_flood",
    "aborted_polls",
    "flapping",
    "guests",
)

#: Group conversations of five members each; the first members of the last ones are honest.
_GROUPS, _HONEST = 8, 4

#: Requests before it all, and how many at a time, so that all threads of the server run.
_WARM_UP, _AT_ONCE = 800, 16

#: Seconds of honest requests before an attack, to compare with.
_QUIET = 3

#: Bounds for every attack: mebibytes that it may leave in the server, milliseconds of the median
#: honest request meanwhile, and honest requests that may fail.
_MOST_MEMORY, _MOST_LATENCY, _MOST_FAILED = 64, 1000, 0


@dataclass(frozen=True)
class Outcome:
    """An attack and its figures."""

    name: str
    summary: str
    figures: list[Figure]


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        outcomes, conditions = _run(options)
    except KeyboardInterrupt:
        print("\nStopped; everything made for it is deleted.", file=sys.stderr)
        sys.exit(128 + signal.SIGINT)
    if options.json:
        print(json.dumps({**conditions, "attacks": list(map(asdict, outcomes))}, indent=2))
    else:
        print(_page(outcomes, conditions))
    sys.exit(1 if any(figure.is_wrong for each in outcomes for figure in each.figures) else 0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument(
        "--only",
        nargs="+",
        choices=_ATTACKS,
        default=_ATTACKS,
        metavar="NAME",
        help=f"some of {', '.join(_ATTACKS)}",
    )
    parser.add_argument("--workers", type=int, default=1, help="of the server (1)")
    parser.add_argument("--broker", choices=("redis", "postgresql"), default="postgresql")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser.parse_args()


def _run(options: argparse.Namespace) -> tuple[list[Outcome], dict[str, Any]]:
    progress = Progress(1 + len(options.only))
    progress.show("starting the site")
    before = report.state()
    with (
        attacked.running(workers=options.workers, groups=_GROUPS, broker=options.broker) as site,
        load_generator("tests.attacks.harness.honest") as honest,
    ):
        people = [
            (group.token, (group.members[0].username, group.members[0].password))
            for group in site.groups[-_HONEST:]
        ]
        asyncio.run(_warm_up(site))
        honest.run({"url": site.url, "people": people})
        progress.step()
        outcomes = []
        for name in options.only:
            progress.show(name)
            outcomes.append(_attack(name, site, honest))
            progress.step()
        progress.close()
        version = site.cluster.run("SHOW server_version")
    conditions = {
        **report.facts(version, "uvicorn"),
        "workers": options.workers,
        "before": before,
        "after": report.state(),
    }
    return outcomes, conditions


async def _warm_up(site: Site) -> None:
    left = iter(range(_WARM_UP))

    async def ask() -> None:
        client = site.client(site.groups[0].members[0])
        for _ in left:
            await client.request("GET", api("v4/room"))
        client.close()

    await asyncio.gather(*(ask() for _ in range(_AT_ONCE)))


def _attack(name: str, site: Site, honest: LoadGenerator) -> Outcome:
    """Run an attack among honest requests."""
    module = import_module(f"{live.__name__}.{name}")
    honest.run("forget")
    time.sleep(_QUIET)
    quiet, before, start = honest.run("tell"), site.state, time.monotonic()
    figures = module.run(site)
    seconds, after, busy = time.monotonic() - start, site.state, honest.run("tell")
    common = [
        Figure("seconds", seconds),
        Figure("CPU of the server", after.cpu - before.cpu, "s"),
        Figure("CPU of PostgreSQL", after.database_cpu - before.database_cpu, "s"),
        Figure(
            "memory of the server",
            after.rss / 1024,
            "MiB",
            before.rss / 1024,
            most=before.rss / 1024 + _MOST_MEMORY,
        ),
        Figure("open files", after.files, "", before.files),
        Figure("honest requests, p50", busy["p50_ms"], "ms", quiet["p50_ms"], _MOST_LATENCY),
        Figure("honest requests, p99", busy["p99_ms"], "ms", quiet["p99_ms"]),
        Figure("honest requests that failed", busy["failed"], "", quiet["failed"], _MOST_FAILED),
    ]
    return Outcome(name, str(module.__doc__).partition("\n")[0], [*figures, *common])


def _page(outcomes: list[Outcome], conditions: dict[str, Any]) -> str:
    lines = []
    for each in outcomes:
        lines += [f"{each.name}: {each.summary}", table(each.figures), ""]
    lines += [f"{name}: {value}" for name, value in conditions.items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
