"""A call's page in a browser."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.admin.conftest import seed
from tests.e2e.page_checks import axe_violations
from tests.e2e.visitors import DESKTOP, PHONE


def open_first(page, model):
    """Open the first call of a list."""
    page.goto(f"/admin/talk_calls/{model}/")
    page.locator("#result_list tbody th a").first.click()


def test_a_call_that_goes_on(operator, admin_site):
    """The page is reached from the list of live calls, and shows that the call is running."""
    seed(admin_site, "live_calls", 1)
    open_first(operator, "livecall")
    expect(operator.locator("#talk-timeline")).to_have_text("Who was in")
    expect(operator.get_by_text("The call is running.")).to_be_visible()
    expect(operator.locator(".talk-timeline .talk-bar")).to_have_count(2)
    assert axe_violations(operator) == set()


@pytest.mark.parametrize(
    ("people", "rows"),
    [
        pytest.param(1, 2, marks=pytest.mark.nightly),
        (12, 15),
        pytest.param(60, 40, marks=pytest.mark.nightly),
    ],
)
def test_a_call_that_is_over(operator, admin_site, people, rows):
    """Picture and table have the same facts, and are readable on a desk and on a phone."""
    seed(admin_site, "long_call", people)
    open_first(operator, "call")
    expect(operator.locator("h1")).to_have_text("Call in Long <meeting>")
    expect(operator.locator(".talk-who")).to_have_count(rows)
    expect(operator.locator(".talk-table tbody tr")).to_have_count(2 * people)
    assert axe_violations(operator) == set()
    operator.set_viewport_size(PHONE)
    assert operator.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    operator.set_viewport_size(DESKTOP)


def test_exports(operator, admin_site, tmp_path: Path):
    """Two buttons bring files of all legs."""
    seed(admin_site, "long_call", 3)
    open_first(operator, "call")
    files = {}
    for name in ("CSV", "JSON"):
        with operator.expect_download() as download:
            operator.get_by_role("link", name=f"Export {name}").click()
        files[name] = tmp_path / download.value.suggested_filename
        download.value.save_as(files[name])
    assert [each.name.split(" 20")[0] for each in files.values()] == ["Call in Long meeting"] * 2
    assert len(files["CSV"].read_text().splitlines()) == 7
    assert len(json.loads(files["JSON"].read_text())["legs"]) == 6
