"""Measure how CPU and statements of a request grow with what a site has, and draw it.

Figures are kept in a file, to which each run adds the axes that it measured; then all of them are
drawn. CPU is in yardsticks, requests to an empty view of Django (`make bench` says more).
"""

import argparse
import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from tests.benchmarks import report
from tests.benchmarks.cases import Case, Result
from tests.benchmarks.growth import plot, results
from tests.benchmarks.growth.axes import AXES, Requests
from tests.benchmarks.growth.results import Growth, Point
from tests.benchmarks.measure import Duration, Site, measure_in_turn, statements
from tests.benchmarks.progress import Progress
from tests.benchmarks.revision import ROOT
from tests.servers import web
from tests.servers.web import WebServer

_PICTURES = ROOT / "docs" / "pictures"


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    seen = results.load(options.figures)
    yardstick = web.running(
        environment=dict(os.environ), application="tests.benchmarks.yardstick:{interface}"
    )
    with yardstick as server:
        for axis in options.axes:
            seen[axis] = _measure(axis, server, options)
            results.save(options.figures, seen)
    for axis, growth in seen.items():
        path = options.pictures / f"growth-{axis}.svg"
        path.write_text(plot.draw(growth.points, AXES[axis][1]))
        print(f"{path} is drawn.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.growth", description=__doc__)
    parser.add_argument("--axes", nargs="*", choices=AXES, default=[*AXES], help="none: only draw")
    parser.add_argument("--most", type=int, default=sys.maxsize, help="leave out larger sizes")
    parser.add_argument("--sizes", type=int, nargs="+", help="other sizes, in ascending order")
    parser.add_argument("--seconds", type=float, default=1, help="of a round (default: 1)")
    parser.add_argument("--warm-up", type=float, default=2, help="seconds before (default: 2)")
    parser.add_argument("--rounds", type=int, default=5, help="for each point (default: 5)")
    parser.add_argument("--figures", type=Path, default=_PICTURES / "growth.json")
    parser.add_argument("--pictures", type=Path, default=_PICTURES, help="directory of the plots")
    return parser.parse_args()


def _measure(axis: str, yardstick: WebServer, options: argparse.Namespace) -> Growth:
    grow, title, usual = AXES[axis]
    sizes = [size for size in options.sizes or usual if size <= options.most]
    progress = Progress(len(sizes))
    before, points = report.state(), []
    progress.show(f"{sizes[0]:,} {title}")
    with closing(grow(sizes)) as sites:
        for size, site, requests in sites:
            progress.show(f"{size:,} {title}")
            points += _points(size, site, requests, yardstick, options)
            progress.step()
            version = site.cluster.run("SHOW server_version")
    progress.close()
    facts = report.facts(version, "uvicorn")
    return Growth(axis, points, {**facts, "before": before, "after": report.state()})


def _points(
    size: int, site: Site, requests: Requests, yardstick: WebServer, options: argparse.Namespace
) -> list[Point]:
    duration = Duration(options.seconds, options.warm_up, options.rounds)
    points = []
    for name, client in requests.items():
        counted = statements(site, client)
        [costs] = measure_in_turn([(site, [client])], yardstick, duration)
        result = Result(Case(name, name), 1, counted, costs)
        cpu, yards = result.cpu_ms.median, result.yardsticks
        points.append(Point(size, name, cpu, yards.median, yards.low, yards.high, counted))
    return points


if __name__ == "__main__":
    main()
