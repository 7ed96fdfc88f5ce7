"""Measure many WebSocket clients of an HPB: coming in, joining the call, being there, leaving.

There are so many clients in so many conversations (500/1: 500 in one). Each is measured with the
site as it is, and with one that tells the HPB of each join by a message of its own. Costs are CPU
time, so that other work on the machine matters little; times until something happened are not.
"""

import argparse
import json
import resource
import signal
import sys
import time
from typing import Any

from tests.benchmarks import report
from tests.benchmarks.measure import LoadGenerator, load_generator
from tests.benchmarks.progress import Progress
from tests.benchmarks.signaling import stack
from tests.benchmarks.signaling.stack import Stack
from tests.servers import postgres
from tests.servers.programs import HPB_RELEASES

#: People who come in before anything is measured, to their own conversation.
_WARM_UP = {"warm": 10}

#: Requests to the site at a time.
_AT_ONCE = 32

#: Seconds that it may take until all are there, or gone.
_PATIENCE = 600

#: Seconds after which the site has told what is left after all clients knew.
_SETTLING = 2.0

_TABLES = ("attendee", "session", "hpbsession")

#: Figures of one run, by title; None is a figure that there is not.
Figures = dict[str, Any]


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    before = report.state()
    runs = [(size, way) for size in options.sizes for way in options.ways]
    progress = Progress(4 * len(runs))
    seen = [_measure(size, way, options, progress) for size, way in runs]
    progress.close()
    conditions = {**report.facts(_postgres_version(), "uvicorn"), "before": before}
    conditions["after"] = report.state()
    if options.json:
        print(json.dumps({**conditions, "results": seen}, indent=2))
    else:
        print(_table(seen))
        print(*("", *(f"{name}: {value}" for name, value in conditions.items())), sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.signaling", description=__doc__
    )
    parser.add_argument(
        "--clients",
        dest="sizes",
        nargs="+",
        type=_size,
        default=[(500, 1), (1000, 100)],
        metavar="CLIENTS/CONVERSATIONS",
        help="how many clients in how many conversations (default: 500/1 1000/100)",
    )
    parser.add_argument("--ways", nargs="+", choices=("state", "naive"), default=("state", "naive"))
    parser.add_argument("--idle", type=float, default=60, help="seconds of being there (60)")
    parser.add_argument(
        "--patience", type=float, default=300, help="seconds until all know who joined (300)"
    )
    parser.add_argument("--release", choices=HPB_RELEASES, default="sid", help="of the HPB (sid)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    return parser.parse_args()


def _size(text: str) -> tuple[int, int]:
    clients, _, conversations = text.partition("/")
    return int(clients), int(conversations or 1)


def _measure(
    size: tuple[int, int], way: str, options: argparse.Namespace, progress: Progress
) -> Figures:
    clients, count = size
    title = f"{clients} in {count}, {way}"
    rooms = {f"room{number:05}": clients // count for number in range(count)}

    progress.show(f"{title}: making people")
    with (
        stack.running(options.release, _WARM_UP | rooms, naive=way == "naive") as servers,
        load_generator("tests.benchmarks.signaling.clients") as warm,
        load_generator("tests.benchmarks.signaling.clients") as generator,
    ):
        _plan(warm, servers, _WARM_UP)
        warm.run({"arrive": _PATIENCE})
        warm.run({"join": _PATIENCE})
        warm.run({"leave": _PATIENCE})
        _plan(generator, servers, rooms)
        run = _Run(servers, generator, clients, way)
        figures = {"clients": title, "HPB": servers.hpb.version, **run.rest(options.idle / 2)}
        progress.step()

        progress.show(f"{title}: they come in")
        figures |= run.arrive()
        progress.step()

        progress.show(f"{title}: they join the call")
        figures |= run.join(options.patience)
        progress.step()

        progress.show(f"{title}: they are there, and leave")
        if way != "naive":
            figures |= run.be_there(options.idle)
            figures |= run.leave()
        progress.step()
    return figures


def _plan(generator: LoadGenerator, servers: Stack, rooms: dict[str, int]) -> None:
    generator.send(
        {
            "site": servers.server.url,
            "websocket": servers.hpb.websocket_url,
            "conversations": {token: servers.people[token] for token in rooms},
            "at_once": _AT_ONCE,
        }
    )


class _Run:
    """One run; each method returns the figures of what happens in it."""

    def __init__(self, servers: Stack, generator: LoadGenerator, clients: int, way: str) -> None:
        self._servers = servers
        self._generator = generator
        self._clients = clients
        self._way = way
        self._memory: dict[str, int] = {}
        self._bytes = 0

    def rest(self, seconds: float) -> Figures:
        """Measure the servers without clients."""
        self._settle()
        before = self._servers.usage()
        time.sleep(seconds)
        used = self._servers.usage() - before
        self._memory = self._servers.memory()
        self._bytes = self._servers.table_bytes(*_TABLES)
        return {
            "without clients: CPU ms/s of Django": 1000 * used.django / seconds,
            "without clients: CPU ms/s of PostgreSQL": 1000 * used.postgresql / seconds,
            "without clients: CPU ms/s of the HPB": 1000 * used.hpb / seconds,
            "without clients: statements/s": used.statements / seconds,
        }

    def arrive(self) -> Figures:
        """Let all come in."""
        figures, reported = self._act("come in", {"arrive": _PATIENCE})
        return {
            "come in: hello": ", ".join(reported["hello"]),
            "come in: seconds": reported["seconds"],
            **figures,
        }

    def join(self, patience: float) -> Figures:
        """Let all join the call."""
        figures, reported = self._act("join", {"join": patience})
        return {
            "join: seconds until all requests were answered": reported["answered"],
            "join: seconds until all knew of all": reported["known"],
            "join: clients that knew of all": reported["who_know"],
            "join: clients that the HPB cut off": reported["lost"],
            "join: MB from the HPB to clients": reported["received"] / 1e6,
            **figures,
        }

    def leave(self) -> Figures:
        """Let all leave."""
        figures, reported = self._act("leave", {"leave": _PATIENCE})
        return {"leave: seconds": reported["seconds"], **figures}

    def be_there(self, seconds: float) -> Figures:
        """Let time pass while all are in the call."""
        before = self._servers.usage()
        time.sleep(seconds)
        used = self._servers.usage() - before
        memory = self._servers.memory()
        per_second = 1000 / seconds
        grown = {name: memory[name] - self._memory[name] for name in memory}
        rows = self._servers.table_bytes(*_TABLES) - self._bytes
        return {
            "there: pings stored per second": used.pings / seconds,
            "there: of these HOT": used.hot / used.pings if used.pings else None,
            "there: bytes of WAL per ping": used.wal / used.pings if used.pings else None,
            "there: statements/s": used.statements / seconds,
            "there: CPU ms/s of Django": used.django * per_second,
            "there: CPU ms/s of PostgreSQL": used.postgresql * per_second,
            "there: CPU ms/s of the HPB": used.hpb * per_second,
            "there: memory of the HPB, KiB per client": grown["hpb"] / self._clients,
            "there: memory of Django, KiB per client": grown["django"] / self._clients,
            "there: rows of PostgreSQL, KiB per client": rows / 1024 / self._clients,
        }

    def _act(self, what: str, command: dict[str, float]) -> tuple[Figures, dict[str, Any]]:
        self._servers.messages()
        before = self._servers.usage()
        reported = self._generator.run(command)
        self._settle()
        used = self._servers.usage() - before
        kinds, size = self._servers.messages()
        each = 1000 / self._clients
        return {
            f"{what}: messages to the HPB": sum(kinds.values()),
            f"{what}: of these about the call": kinds["incall"],
            f"{what}: MB to the HPB": size / 1e6,
            f"{what}: statements for each": used.statements / self._clients,
            f"{what}: commits for each": used.transactions / self._clients,
            f"{what}: KB of WAL for each": used.wal / 1000 / self._clients,
            f"{what}: CPU ms for each, Django": used.django * each,
            f"{what}: CPU ms for each, PostgreSQL": used.postgresql * each,
            f"{what}: CPU ms for each, HPB": used.hpb * each,
            f"{what}: CPU ms for each, clients": reported["cpu"] * each,
        }, reported

    def _settle(self) -> None:
        """Wait until the HPB was told what is left."""
        deadline = time.monotonic() + _PATIENCE
        while not self._servers.is_settled():
            if time.monotonic() > deadline:
                sys.exit("The site does not tell the HPB.")
            time.sleep(0.1)
        time.sleep(_SETTLING)


def _postgres_version() -> str:
    with postgres.cluster() as cluster:
        return str(cluster.run("SHOW server_version"))


def _table(seen: list[Figures]) -> str:
    titles = list(dict.fromkeys(title for figures in seen for title in figures))
    width = max(map(len, titles))
    cells = [[_cell(figures.get(title)) for figures in seen] for title in titles]
    column = max(len(cell) for row in cells for cell in row)
    return "\n".join(
        "  ".join([title.ljust(width), *(cell.rjust(column) for cell in row)])
        for title, row in zip(titles, cells, strict=True)
    )


def _cell(figure: Any) -> str:
    if figure is None:
        return "-"
    return f"{figure:,.2f}" if isinstance(figure, float) else str(figure)


if __name__ == "__main__":
    main()
