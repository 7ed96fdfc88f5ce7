"""An operator at the admin of a site of its own, whose rows these tests may make and forget."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState

from tests.e2e.admin.seeded_site import SeededSite
from tests.e2e.site import OWNER, PASSWORD
from tests.e2e.visitors import DESKTOP


@pytest.fixture(scope="session")
def _admin_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeededSite]:
    database = tmp_path_factory.mktemp("admin") / "site.sqlite3"
    # Not the database of a DATABASE_URL: this one is emptied often.
    admin_site = SeededSite(f"sqlite:///{database}")
    admin_site.prepare()
    admin_site.start()
    yield admin_site
    admin_site.stop()
    admin_site.close()


@pytest.fixture
def admin_site(_admin_site: SeededSite) -> SeededSite:
    """Return the site, with nobody in it but the operator."""
    seed(_admin_site, "empty")
    return _admin_site


@pytest.fixture(scope="session")
def _login(browser: Browser, _admin_site: SeededSite) -> StorageState:
    """Return the cookies of the superuser, who logs in once."""
    context = browser.new_context(base_url=_admin_site.address)
    log_in(context.new_page())
    cookies = context.storage_state()
    context.close()
    return cookies


@pytest.fixture
def tab_in(
    browser: Browser, admin_site: SeededSite, _login: StorageState
) -> Iterator[Callable[[str], Page]]:
    """Return a function that opens a tab of the superuser in a language; no script may complain."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_tab(language: str) -> Page:
        contexts.append(
            browser.new_context(
                base_url=admin_site.address, viewport=DESKTOP, locale=language, storage_state=_login
            )
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: problems.append(str(error)))
        return page

    yield open_tab
    for each in contexts:
        each.close()
    assert problems == []


@pytest.fixture
def operator(tab_in: Callable[[str], Page]) -> Page:
    """Return a tab in which the superuser is logged in, in English."""
    return tab_in("en")


def log_in(page: Page) -> None:
    """Be the superuser."""
    page.goto("/admin/login/?next=/admin/")
    page.locator("[name=username]").fill(OWNER)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.get_by_role("link", name="Log out").or_(
        page.get_by_role("button", name="Log out")
    ).first.wait_for()


def seed(admin_site: SeededSite, function: str, *arguments: object) -> None:
    """Run a function of ``tests.e2e.admin.seeds`` at the site."""
    admin_site.seed(function, *arguments)
