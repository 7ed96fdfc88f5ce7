"""An operator at the admin of a site of its own, whose rows these tests may make and forget."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.e2e.admin.office import Office
from tests.e2e.site import OWNER, PASSWORD
from tests.e2e.visitors import DESKTOP


@pytest.fixture(scope="session")
def _office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    database = tmp_path_factory.mktemp("office") / "site.sqlite3"
    office = Office(f"sqlite:///{database}")  # not the one of a DATABASE_URL: it is emptied often
    office.prepare()
    office.start()
    yield office
    office.stop()
    office.close()


@pytest.fixture
def office(_office: Office) -> Office:
    """Return the site, with nobody in it but the operator."""
    seed(_office, "empty")
    return _office


@pytest.fixture(scope="session")
def _login(browser: Browser, _office: Office) -> StorageState:
    """Return the cookies of the superuser, who logs in once."""
    context = browser.new_context(base_url=_office.address)
    log_in(context.new_page())
    cookies = context.storage_state()
    context.close()
    return cookies


@pytest.fixture
def operator(browser: Browser, office: Office, _login: StorageState) -> Iterator[Page]:
    """Return a tab in which the superuser is logged in; no script may complain."""
    context = browser.new_context(
        base_url=office.address, viewport=DESKTOP, locale="en", storage_state=_login
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


def seed(office: Office, function: str, *arguments: object) -> None:
    """Run a function of ``tests.e2e.admin.seeds`` at the site."""
    office.seed(function, *arguments)
