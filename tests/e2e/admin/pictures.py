"""Take the pictures of docs/operations.md: `make pictures`.

It starts a site with the rows of ``sample_day``, and stores screenshots of the admin in
docs/pictures.
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
DESK = {"width": 1440, "height": 800}
PHONE = {"width": 360, "height": 740}


@dataclass(frozen=True)
class Picture:
    """A page as it looks; ``act`` is done there before, and ``size`` is the window's."""

    name: str
    path: str
    size: dict[str, int] | None = None
    act: Callable[[Page], None] = lambda page: None
    whole: bool = False


def ended_call(page: Page) -> None:
    """Open the call of this morning, which a list in order of time has last."""
    page.locator("#result_list tbody th a").last.click()


def planning(page: Page) -> None:
    """Open the conversation with the longest list of people."""
    page.get_by_role("link", name="Weekly planning").click()


def ending_it(page: Page) -> None:
    """Open the confirmation of ending the call in Support, with a reason."""
    page.get_by_role("row", name="Support").get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(label="End for everybody")
    page.get_by_role("button", name="Run").or_(page.get_by_role("button", name="Go")).first.click()
    page.get_by_label("Reason:").fill("The office closes")


def dead_letter(page: Page) -> None:
    """Open an event that was given up."""
    page.locator("#result_list tbody th a").first.click()


def endpoint(page: Page) -> None:
    """Open the endpoint that works."""
    page.get_by_role("link", name="Billing").click()


PICTURES = (
    Picture("start", "", whole=True),
    Picture("live-calls", "livecall/", whole=True),
    Picture("live-calls-phone", "livecall/", PHONE),
    Picture("calls", "call/"),
    Picture("call", "call/", act=ended_call, whole=True),
    Picture("conversation", "conversation/", act=planning, whole=True),
    Picture("confirm-end-call", "livecall/", act=ending_it),
    Picture("attendees", "attendee/?q=ben"),
    Picture("sessions", "session/"),
    Picture("audit", "auditentry/"),
    Picture("why", "conversation/why/?conversation=interviews&user=ada", whole=True),
    Picture("webhook-endpoints", "webhookendpoint/"),
    Picture("webhook-endpoint", "webhookendpoint/", act=endpoint, whole=True),
    Picture("webhook-delivery", "webhookdelivery/?state__exact=dead", act=dead_letter, whole=True),
    Picture("statistics", "call/statistics/?days=30", whole=True),
)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(f"sqlite:///{folder}/site.sqlite3")
        site.prepare()
        site.start()
        try:
            run_in_site(site, "make")
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
            page = browser.new_page(base_url=site.address, locale="en", color_scheme="light")
            log_in(page)
            for number, picture in enumerate(PICTURES, 1):
                if picture.name == "statistics":
                    site.manage("talk_simulate", "year", "--calls=4000", "--seed=1")
                print(f"{number} of {len(PICTURES)}: {picture.name}", file=sys.stderr)
                take(site, page, picture)
        finally:
            site.stop()


def take(site: Site, page: Page, picture: Picture) -> None:
    """Take one picture, right after everybody in the running calls pinged."""
    run_in_site(site, "ping")
    page.set_viewport_size(picture.size or DESK)
    page.goto(f"/admin/talk_calls/{picture.path}")
    picture.act(page)
    page.screenshot(path=FOLDER / f"{picture.name}.png", full_page=picture.whole)


def run_in_site(site: Site, function: str) -> None:
    """Run a function of ``sample_day`` in a process of the site."""
    code = f"from tests.e2e.admin import sample_day; sample_day.{function}()"
    site.manage("shell", "--no-imports", "-c", code)


if __name__ == "__main__":
    main()
