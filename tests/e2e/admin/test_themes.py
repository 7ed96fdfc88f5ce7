"""The admin with themes that others made: everything is on the screen, and works."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.admin.pictures import run_in_site
from tests.e2e.site import OWNER, PASSWORD, Site

pytestmark = pytest.mark.nightly

PATHS = (
    "",
    "livecall/",
    "call/",
    "call/statistics/?days=30",
    "conversation/",
    "conversation/why/?conversation=interviews&user=ada",
    "attendee/",
    "session/",
    "auditentry/",
    "ban/",
    "apppassword/",
    "apppassword/add/",
    "webhookendpoint/",
    "webhookendpoint/add/",
    "webhookdelivery/",
)
#: Lists of which the last row's own page is looked at, too.
LISTS = ("call", "conversation", "attendee", "session", "webhookendpoint", "webhookdelivery")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("jazzmin", marks=pytest.mark.package("jazzmin")),
        pytest.param("unfold", marks=pytest.mark.package("unfold")),
    ],
)
def themed(request, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return the demo site with a theme, on a sample day."""
    site = ThemedSite(f"sqlite:///{tmp_path_factory.mktemp('themed')}/site.sqlite3", request.param)
    site.prepare()
    run_in_site(site, "make")
    run_in_site(site, "long_name")
    site.start()
    yield site
    site.stop()


class ThemedSite(Site):
    """The demo site with a theme of tests/e2e/admin/themes."""

    def __init__(self, database: str, theme: str) -> None:
        self.settings = f"tests.e2e.admin.themes.{theme}"
        super().__init__(database)


@pytest.fixture
def operator(browser: Browser, themed: Site) -> Iterator[Page]:
    """Return a tab of somebody who has logged in; no script may complain."""
    page = browser.new_page(base_url=themed.address, locale="en")
    page.set_default_timeout(10_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto("/admin/login/?next=/admin/")
    page.locator("[name=username]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/admin/")
    yield page
    page.close()
    assert problems == []


def test_nothing_is_off_the_screen(operator):
    """No page is wider than a small window; what is wide scrolls by itself."""
    addresses = [f"/admin/talk_calls/{path}" for path in PATHS]
    for name in LISTS:
        operator.goto(f"/admin/talk_calls/{name}/")
        link = operator.locator(f"a[href*='/talk_calls/{name}/'][href*='/change/']").last
        addresses.append(link.get_attribute("href"))
    for address in addresses:
        for width in (1280, 768, 360):
            operator.set_viewport_size({"width": width, "height": 800})
            operator.goto(address)
            hidden = operator.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            assert hidden <= 0, (address, width)


def test_a_card_shows_all_of_a_name(operator):
    """In a small window a theme may make cards of rows: nothing in them is cut off."""
    operator.set_viewport_size({"width": 360, "height": 800})
    for name in ("ban", "conversation"):
        operator.goto(f"/admin/talk_calls/{name}/")
        cut = operator.locator("#result_list td[data-label]").evaluate_all(
            "cells => cells.filter((each) => each.scrollHeight > each.clientHeight + 1).length"
        )
        assert cut == 0


def test_a_question_stands_on_its_page(operator):
    """A theme that shows no title lets people read what they confirm, in a small window as well."""
    operator.set_viewport_size({"width": 360, "height": 800})
    operator.goto("/admin/talk_calls/conversation/?q=Support")
    operator.get_by_role("link", name="Support").last.click()
    operator.get_by_role("button", name="Lobby on", exact=True).click()
    operator.get_by_role("heading", name="Raise the lobby?").wait_for()
    assert operator.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_button_on_a_page_asks_and_does(operator):
    """It is seen, and is no button of the form around it."""
    operator.goto("/admin/talk_calls/conversation/?q=Support")
    operator.get_by_role("link", name="Support").last.click()
    operator.get_by_role("button", name="Lock", exact=True).click()
    operator.get_by_label("Reason").fill("A test")
    operator.get_by_role("button", name="Lock", exact=True).click()
    operator.get_by_role("button", name="Unlock", exact=True).wait_for()
