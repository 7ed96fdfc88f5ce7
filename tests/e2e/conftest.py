"""Real browsers at a real site; `make e2e` runs these tests.

``CHROMIUM`` says where the browser is, if it is not on PATH.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.site import Meeting, Site
from tests.e2e.visitors import Visitor
from tests.plugins.skipped import NEEDS_CHROMIUM

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
OPTIONS = [
    "--use-fake-device-for-media-stream=fps=6",  # five pages encode twenty pictures at once
    "--use-fake-ui-for-media-stream",
    "--auto-select-desktop-capture-source=Entire screen",
    "--allow-loopback-in-peer-connection",  # a machine may have no other network
    "--disable-gpu",  # there is none, and pretending to have one costs the most
    "--no-sandbox",  # which root, as in a container, cannot have
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if CHROMIUM:
        return
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.skip(reason=NEEDS_CHROMIUM))


@pytest.fixture(scope="session")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = tmp_path_factory.mktemp("e2e") / "site.sqlite3"
    site = Site(os.environ.get("DATABASE_URL") or f"sqlite:///{database}")
    site.prepare()
    site.start()
    yield site
    site.stop()


@pytest.fixture
def site(_site: Site) -> Site:
    """Return the site; a test that stopped it has started it again."""
    return _site


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return the browser, in which each visitor has a profile."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def meeting(site: Site) -> Meeting:
    """Return a new public conversation."""
    return site.converse()


@pytest.fixture
def visitor(browser: Browser, meeting: Meeting) -> Iterator[Callable[..., Visitor]]:
    """Return a function that makes a visitor of the meeting; nobody's scripts may complain."""
    visitors: list[Visitor] = []

    def make(name: str, **options: Any) -> Visitor:
        visitors.append(Visitor(browser, meeting, name, **options))
        return visitors[-1]

    yield make
    for each in visitors:
        each.context.close()
    assert [problem for each in visitors for problem in each.problems] == []
