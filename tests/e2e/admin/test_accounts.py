"""The pages on which people give apps access to their account, and take it again."""

import json
import urllib.request

import pytest
from playwright.sync_api import Page

from tests.e2e.page_checks import axe_findings, misfits
from tests.e2e.viewports import ALL, each_look

#: A name with wide characters, some that are written from the right, and a long word.
APP = f"Talk 電話 على הטלפון {'x' * 60}"


@pytest.fixture(params=["en", pytest.param("de", marks=pytest.mark.nightly)])
def holder(request, tab_in) -> Page:
    """Return the tab of somebody with an account, in a language."""
    page = tab_in(request.param)
    page.set_default_timeout(30_000)
    return page


def problems(page: Page) -> dict[str, list[object]]:
    """Return what axe finds, and what does not fit, in each size and colour."""
    looks = {str(look): [*axe_findings(page), *misfits(page)] for look in each_look(page, ALL)}
    return {look: found for look, found in looks.items() if found}


def test_an_app_that_asks(holder, admin_site):
    """From the question to the list, and the same question denied."""
    for decision in ("deny", "grant"):
        asked = urllib.request.Request(  # noqa: S310 -- our own site
            f"{admin_site.address}/login/v2", method="POST", headers={"User-Agent": "Talk" * 20}
        )
        with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310
            holder.goto(json.load(answer)["login"])
        assert problems(holder) == {}
        holder.locator(f"button[value={decision}]").click()
        assert problems(holder) == {}


def test_an_app_password_by_hand(holder):
    """Empty, made, shown once, listed, and the question before it is revoked."""
    holder.goto("/talk/app-passwords/")
    assert problems(holder) == {}
    holder.locator("[name=name]").fill(APP)
    holder.locator("button.main").click()
    holder.locator("#secret").wait_for()
    assert problems(holder) == {}
    holder.goto("/talk/app-passwords/")
    assert problems(holder) == {}
    holder.locator("a[href$='/revoke/']").click()
    holder.locator("button.danger").wait_for()
    assert problems(holder) == {}
    holder.locator("button.danger").click()
    holder.wait_for_url("**/talk/app-passwords/")


def test_a_link_that_is_over(holder):
    """Whoever opens it learns why nothing happens."""
    holder.goto("/login/v2/flow/abc")
    assert problems(holder) == {}
