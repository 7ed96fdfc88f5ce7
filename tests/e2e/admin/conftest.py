"""An operator at the admin of a site of its own, whose rows these tests may make and forget."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.site import OWNER, PASSWORD, Site
from tests.e2e.visitors import DESKTOP


@pytest.fixture(scope="session")
def _admin_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = tmp_path_factory.mktemp("admin") / "site.sqlite3"
    admin_site = Site(
        f"sqlite:///{database}"
    )  # never the one of a DATABASE_URL: it is emptied often
    admin_site.prepare()
    admin_site.start()
    yield admin_site
    admin_site.stop()


@pytest.fixture
def admin_site(_admin_site: Site) -> Site:
    """Return the site, with nobody in it but the operator."""
    seed(_admin_site, "empty")
    return _admin_site


@pytest.fixture
def operator(browser: Browser, admin_site: Site) -> Iterator[Page]:
    """Return a tab in which the superuser is logged in; no script may complain."""
    context = browser.new_context(base_url=admin_site.address, viewport=DESKTOP, locale="en")
    page = context.new_page()
    page.set_default_timeout(10_000)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    log_in(page)
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


def seed(site: Site, function: str, *arguments: object) -> None:
    """Run a function of ``tests.e2e.admin.seeds`` in the site's own process."""
    call = f"{function}({', '.join(map(repr, arguments))})"
    site.manage("shell", "--no-imports", "-c", f"from tests.e2e.admin import seeds; seeds.{call}")
