"""The page that Prometheus reads."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

from talk_calls.metrics import sampler
from talk_calls.metrics.database import DatabaseCollector
from talk_calls.metrics.instruments import PREFIX, REGISTRY


def page(accept: str) -> tuple[bytes, str]:
    """Return the page and its content type; ``accept`` is the header ``Accept`` of the request."""
    sampler.sample()
    encode: Callable[[CollectorRegistry], bytes]
    encode, content_type = choose_encoder(accept)
    return encode(_PAGE), content_type


class _Counted(Collector):
    """Our metrics of all processes, without the times at which each series began."""

    def collect(self) -> Iterator[Metric]:
        for metric in _all():
            if metric.name.startswith(PREFIX):
                kept = [each for each in metric.samples if not each.name.endswith("_created")]
                metric.samples = kept
                yield metric


def _all() -> Iterator[Metric]:
    directory = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if directory is None:
        yield from REGISTRY.collect()
        return
    forget_dead_processes(Path(directory))
    yield from MultiProcessCollector(None, directory).collect()  # type: ignore[no-untyped-call]


def forget_dead_processes(directory: Path) -> None:
    """Remove the gauges of processes that are no more; what they counted stays in the sums.

    Servers have no common way to tell us when a worker ends, and one that is killed cannot.
    """
    names = {path.stem.rpartition("_")[2] for path in directory.glob("gauge_live*_*.db")}
    for pid in sorted(int(name) for name in names if name.isdecimal()):
        if not _is_alive(pid):
            with suppress(FileNotFoundError):  # another process is just doing the same
                mark_process_dead(pid, str(directory))  # type: ignore[no-untyped-call]


def _is_alive(pid: int) -> bool:
    if sys.platform == "win32":  # where signal 0 is Ctrl-C
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # there is one, of another user
        return True
    return True


#: Asked when a page is made. The database is asked by one process for all.
DATABASE = DatabaseCollector()
_PAGE = CollectorRegistry(auto_describe=False)
_PAGE.register(_Counted())
_PAGE.register(DATABASE)
