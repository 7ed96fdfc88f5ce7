"""The page of statistics as people see it."""

import pytest

from tests.e2e.admin.conftest import seed
from tests.e2e.page_checks import axe_violations
from tests.e2e.visitors import PHONE

PAGE = "/admin/talk_calls/call/statistics/"


@pytest.mark.parametrize("days", [30, pytest.param(365, marks=pytest.mark.nightly)])
def test_a_year(operator, admin_site, days):
    """Everybody can read it; on a phone nothing but pictures and tables scrolls sideways."""
    seed(admin_site, "year")
    operator.goto(f"{PAGE}?days={days}")
    assert operator.locator("svg.talk-chart").count() == 7
    assert axe_violations(operator) == set()
    operator.set_viewport_size(PHONE)
    assert operator.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.nightly
def test_nothing(operator):
    """A site without calls has a page as well."""
    operator.goto(PAGE)
    operator.get_by_text("Nobody was in a call in this time.").wait_for()
    assert axe_violations(operator) == set()


def test_the_way_there_by_keyboard(operator, admin_site):
    """From the list of calls to a table below a picture."""
    seed(admin_site, "year")
    operator.goto("/admin/talk_calls/call/")
    operator.get_by_role("link", name="Statistics").press("Enter")
    operator.get_by_role("link", name="90 days").press("Enter")
    summary = operator.get_by_text("How calls ended as a table")
    summary.press("Enter")
    operator.get_by_role("columnheader", name="Share").first.wait_for()


@pytest.mark.nightly
def test_wrong_days(operator):
    """The error stands beside the field."""
    operator.goto(f"{PAGE}?first=2026-03-02&last=2026-03-01")
    operator.get_by_text("The first day is after the last one.").wait_for()
    assert axe_violations(operator) == set()
