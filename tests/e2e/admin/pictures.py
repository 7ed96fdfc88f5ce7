"""Take the pictures of docs/operations.md: `make pictures`.

A site of its own is made with believable people in it, and what an operator sees there is
photographed into docs/pictures. Nothing is drawn or touched up by hand.
"""

import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.admin.conftest import log_in
from tests.e2e.conftest import CHROMIUM, OPTIONS
from tests.e2e.site import Site

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "pictures"
DESK = {"width": 1200, "height": 760}
PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class Picture:
    """A page as it looks; ``act`` is done there before, and ``size`` is the window's."""

    name: str
    path: str
    size: dict[str, int] | None = None
    act: Callable[[Page], None] = lambda page: None
    whole: bool = False


PICTURES = (Picture("live-calls", "livecall/", whole=True),)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(f"sqlite:///{folder}/site.sqlite3")
        site.prepare()
        site.start()
        try:
            tell(site, "make")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
            page = browser.new_page(base_url=site.address, locale="en", color_scheme="light")
            log_in(page)
            for number, picture in enumerate(PICTURES, 1):
                print(f"{number} of {len(PICTURES)}: {picture.name}", file=sys.stderr)
                take(site, page, picture)
        finally:
            site.stop()


def take(site: Site, page: Page, picture: Picture) -> None:
    """Photograph one page, with everybody in the running calls heard of just before."""
    tell(site, "ping")
    page.set_viewport_size(picture.size or DESK)
    page.goto(f"/admin/talk_calls/{picture.path}")
    picture.act(page)
    page.screenshot(path=FOLDER / f"{picture.name}.png", full_page=picture.whole)


def tell(site: Site, function: str) -> None:
    """Run a function of ``tuesday`` in the site's own process."""
    code = f"from tests.e2e.admin import tuesday; tuesday.{function}()"
    site.manage("shell", "--no-imports", "-c", code)


if __name__ == "__main__":
    main()
