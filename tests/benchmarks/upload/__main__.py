"""Measure how much each page of a call without a media server sends, with Chromium's fake camera.

The pages and the site share one machine, so that with many pages the encoders and not the rules of
the page decide how much is sent. Read the figures with the load that is printed beside them.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks import report
from tests.benchmarks.revision import checkout
from tests.e2e.conftest import CHROMIUM, OPTIONS
from tests.e2e.site import ROOT, Meeting, Site
from tests.e2e.visitors import Visitor

#: Of each window, in which as many tiles are shown as there are people.
WINDOW = {"width": 640, "height": 480}

#: Bytes that all connections of a page sent, the largest picture that it sends, how many of its
#: connections are connected, and how many it has made.
SENT = """async () => {
  let [bytes, height] = [0, 0];
  for (const connection of connections) {
    if (connection.connectionState !== "connected") continue;
    for (const row of (await connection.getStats()).values()) {
      if (row.type === "transport") bytes += row.bytesSent;
      if (row.type === "outbound-rtp") height = Math.max(height, row.frameHeight ?? 0);
    }
  }
  const connected = connections.filter((each) => each.connectionState === "connected").length;
  return { bytes, height, connected, made: connections.length };
}"""


@dataclass(frozen=True)
class Sent:
    """What a page has sent until now, as SENT returns it."""

    bytes: int
    height: int
    connected: int
    made: int


@dataclass(frozen=True)
class Result:
    """Figures of a call: kbit/s of each page, and seconds until all were connected."""

    pages: int
    rates: list[float]
    heights: list[int]
    most_made: int
    connect_seconds: float | None
    load: float

    @property
    def row(self) -> str:
        took = "not all" if self.connect_seconds is None else f"{self.connect_seconds:.0f} s"
        cells = (
            self.pages,
            f"{statistics.median(self.rates):.0f}",
            f"{max(self.rates):.0f}",
            f"{statistics.median(self.heights):.0f}",
            self.most_made,
            took,
            f"{self.load:.0f}",
        )
        return "| " + " | ".join(map(str, cells)) + " |"


HEADER = """\
| Pages | kbit/s sent by each (median) | most | lines of the largest picture (median) \
| connections made by one page (most) | all connected after | load |
|---|---|---|---|---|---|---|"""


def main() -> None:
    options = _options()
    print(report.state(), flush=True)
    print(HEADER, flush=True)
    with _site(options.revision) as site, sync_playwright() as playwright:
        for number in options.pages:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_chromium(options))
            result = _measure(browser, site.converse(), number, options)
            browser.close()
            print(result.row, flush=True)
    print(report.state())


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.upload", description=__doc__)
    parser.add_argument("--pages", type=int, nargs="+", default=[2, 4, 6, 8])
    parser.add_argument("--settle", type=float, default=30, help="seconds before (default: 30)")
    parser.add_argument("--seconds", type=float, default=15, help="of measuring (default: 15)")
    parser.add_argument("--connect", type=float, default=120, help="most seconds (default: 120)")
    parser.add_argument("--camera", type=Path, help="a file of pictures (.y4m, .mjpeg) to send")
    parser.add_argument("--revision", default="", help="measure this revision of the app")
    return parser.parse_args()


def _chromium(options: argparse.Namespace) -> list[str]:
    if options.camera is None:
        return OPTIONS
    return [*OPTIONS, f"--use-file-for-fake-video-capture={options.camera.resolve()}"]


@contextmanager
def _site(revision: str) -> Iterator[Site]:
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        root = stack.enter_context(checkout(revision)) if revision else ROOT
        site = Site(f"sqlite:///{home}/site.sqlite3", root=root)
        site.prepare()
        site.start()
        try:
            yield site
        finally:
            site.stop()


def _measure(
    browser: Browser, meeting: Meeting, number: int, options: argparse.Namespace
) -> Result:
    people = [Visitor(browser, meeting, f"Person {n}", viewport=WINDOW) for n in range(number)]
    for person in people:
        person.page.set_default_timeout(120_000)
        person.open().join()
    pages = [person.page for person in people]
    took = _seconds_until_connected(pages, options.connect)
    pages[0].wait_for_timeout(options.settle * 1000)
    begun, before = time.monotonic(), _sent(pages)
    pages[0].wait_for_timeout(options.seconds * 1000)
    elapsed, after = time.monotonic() - begun, _sent(pages)
    for person in people:
        person.context.close()
    return Result(
        pages=number,
        rates=[
            max(0, late.bytes - early.bytes) * 8 / 1000 / elapsed
            for early, late in zip(before, after, strict=True)
        ],
        heights=[each.height for each in after],
        most_made=max(each.made for each in after),
        connect_seconds=took,
        load=os.getloadavg()[0],
    )


def _seconds_until_connected(pages: Sequence[Page], most: float) -> float | None:
    """Wait until each page is connected to every other; return None if that takes too long."""
    begun = time.monotonic()
    while time.monotonic() - begun < most:
        if all(each.connected >= len(pages) - 1 for each in _sent(pages)):
            return time.monotonic() - begun
        pages[0].wait_for_timeout(500)
    return None


def _sent(pages: Sequence[Page]) -> list[Sent]:
    return [Sent(**page.evaluate(SENT)) for page in pages]


if __name__ == "__main__":
    main()
