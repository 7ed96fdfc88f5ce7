"""An operator at the admin of a site of its own, whose rows these tests may make and forget."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState

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
def operator(browser: Browser, admin_site: SeededSite, _login: StorageState) -> Iterator[Page]:
    """Return a tab in which the superuser is logged in; no script may complain."""
    context = browser.new_context(
        base_url=admin_site.address, viewport=DESKTOP, locale="en", storage_state=_login
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    context.close()
    assert problems == []


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
