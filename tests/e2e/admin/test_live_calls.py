"""The page of live calls in a browser: with none, one and ten thousand."""

import pytest
from playwright.sync_api import expect

from tests.e2e.admin.conftest import seed
from tests.e2e.page_checks import axe_violations
from tests.e2e.visitors import DESKTOP, PHONE

LIST = "/admin/talk_calls/livecall/"

#: Has the page refresh itself fifty times as often.
HURRY = "const native = setInterval; globalThis.setInterval = (f, ms) => native(f, ms / 50);"


@pytest.fixture
def hasty(operator):
    """Return a tab in which ten seconds pass in a fifth of one."""
    operator.add_init_script(HURRY)
    return operator


def sentence(page):
    return page.locator(".talk-sentence")


@pytest.mark.parametrize(
    ("calls", "words", "rows"),
    [
        (0, "No calls in progress.", 0),
        (1, "There is currently 1 call in progress with 2 participants.", 1),
        (10_000, "There are currently 10,000 calls in progress with 20,000 participants.", 50),
    ],
)
def test_what_goes_on(operator, admin_site, calls, words, rows):
    """The page is readable on a desk and on a phone, with any number of calls."""
    seed(admin_site, "live_calls", calls)
    operator.goto(LIST)
    expect(sentence(operator)).to_have_text(words)
    expect(operator.locator("#result_list tbody tr")).to_have_count(rows)
    assert axe_violations(operator) == set()
    operator.set_viewport_size(PHONE)
    assert operator.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    operator.set_viewport_size(DESKTOP)
    operator.get_by_text("The same as a table").click()
    expect(operator.get_by_role("cell", name=f"{2 * calls:,}", exact=True).last).to_be_visible()


def test_refreshes_itself_and_pauses(hasty, admin_site):
    """Numbers, picture and list are refreshed until somebody presses Pause."""
    hasty.goto(LIST)
    expect(sentence(hasty)).to_have_text("No calls in progress.")
    seed(admin_site, "live_calls", 2)
    expect(sentence(hasty)).to_contain_text("2 calls in progress")
    expect(hasty.locator("#result_list tbody tr")).to_have_count(2)
    expect(hasty.locator("#talk-load-words")).to_contain_text("4 devices in 2 calls")
    hasty.get_by_role("button", name="Pause").click()
    expect(hasty.locator("#talk-refresh-state")).to_have_text("Paused.")
    seed(admin_site, "end_one")
    hasty.wait_for_timeout(1000)
    expect(sentence(hasty)).to_contain_text("2 calls in progress")
    hasty.get_by_role("button", name="Resume").click()
    expect(sentence(hasty)).to_contain_text("1 call in progress")
    expect(hasty.locator("#result_list tbody tr")).to_have_count(1)


def test_what_somebody_works_in_stays(hasty, admin_site):
    """A focus in the list holds the refresh; an open table stays open."""
    seed(admin_site, "live_calls", 2)
    hasty.goto(LIST)
    hasty.get_by_text("The same as a table").click()
    hasty.locator("#result_list tbody a").first.focus()
    seed(admin_site, "end_one")
    expect(hasty.locator("#talk-refresh-state")).to_have_text("Waiting while you are in the list.")
    expect(hasty.locator("#result_list tbody tr")).to_have_count(2)
    hasty.locator("#searchbar").focus()
    expect(hasty.locator("#result_list tbody tr")).to_have_count(1)
    expect(hasty.locator("#talk-load-hours")).to_be_visible()


def test_rows_that_came_later_can_be_acted_on(hasty, admin_site):
    """Django's own script counts what is ticked, and the action is done to it."""
    hasty.goto(LIST)
    seed(admin_site, "live_calls", 2)
    expect(hasty.locator("#result_list tbody tr")).to_have_count(2)
    hasty.locator("#result_list tbody input").first.check()
    expect(hasty.locator(".action-counter")).to_have_text("1 of 2 selected")
    hasty.get_by_label("Action:").select_option(label="End for everybody")
    hasty.get_by_role("button", name="Go").or_(hasty.get_by_role("button", name="Run")).click()
    hasty.get_by_label("Reason:").fill("It is late")
    hasty.get_by_role("button", name="End for everybody").click()
    expect(hasty.locator(".messagelist")).to_contain_text("Ended 1 live call.")
    expect(sentence(hasty)).to_contain_text("1 call in progress")


def test_narrowed_down_while_it_refreshes(hasty, admin_site):
    """A search stays the search."""
    seed(admin_site, "live_calls", 3)
    hasty.goto(LIST)
    hasty.locator("#searchbar").fill("Guest 1 of Meeting 2")
    hasty.locator("#searchbar").press("Enter")
    expect(hasty.locator("#result_list tbody tr")).to_have_count(1)
    seed(admin_site, "end_one")
    expect(sentence(hasty)).to_contain_text("2 calls in progress")
    expect(hasty.locator("#result_list tbody tr")).to_have_count(1)


def test_a_site_that_is_away(hasty, admin_site):
    """A failed refresh is shown, and refreshing continues once the site answers."""
    hasty.goto(LIST)
    hasty.route(f"**{LIST}", lambda route: route.abort())
    expect(hasty.locator("#talk-refresh-state")).to_contain_text("Could not refresh.")
    hasty.unroute(f"**{LIST}")
    expect(hasty.locator("#talk-refresh-state")).to_have_text("Refreshes every 10 seconds.")


def test_without_scripts(browser, operator, admin_site):
    """The page is as of its time, with a link that reloads it, and no button that does nothing."""
    context = browser.new_context(
        base_url=admin_site.address,
        java_script_enabled=False,
        storage_state=operator.context.storage_state(),
    )
    page = context.new_page()
    page.goto(LIST)
    seed(admin_site, "live_calls", 1)
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    page.get_by_role("link", name="Reload").click()
    expect(sentence(page)).to_contain_text("1 call in progress")
    context.close()
