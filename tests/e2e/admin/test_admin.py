"""What all pages of the admin have in common."""

from itertools import combinations

import pytest

from tests.e2e.admin.conftest import seed
from tests.e2e.page_checks import axe_violations

#: Pages that Django's admin does not have, and lists with much text.
PAGES = [
    "",
    "auditentry/",
    "ban/",
    "call/statistics/?days=30",
    "conversation/why/?conversation=standup&user=bob",
]

LANGUAGES = ["en", pytest.param("de", marks=pytest.mark.nightly)]

#: A name with a word that is longer than any column.
LONG = "Very long " * 20 + "x" * 55

MODELS = [
    "conversation",
    *(
        pytest.param(model, marks=pytest.mark.nightly)
        for model in ("apppassword", "attendee", "call", "session")
    ),
]


@pytest.mark.parametrize("model", MODELS)
def test_axe_finds_nothing_serious_where_nothing_is(operator, model):
    """Each list is for everybody, also while it is empty."""
    operator.goto(f"/admin/talk_calls/{model}/")
    assert axe_violations(operator) == set()


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing_serious_on_pages_of_our_own(tab_in, admin_site, path, language):
    """In both themes, also where there is something to warn of."""
    seed(admin_site, "lobby_up")
    seed(admin_site, "abandoned_call")
    seed(admin_site, "banned")
    page = tab_in(language)
    page.goto(f"/admin/talk_calls/{path}")
    assert page.locator("html").get_attribute("lang") == language
    assert axe_violations(page) == set()


@pytest.mark.parametrize(
    "model", ["auditentry", "ban", "call", "conversation", "session", "webhookdelivery"]
)
def test_a_list_fits_a_desk(tab_in, admin_site, model):
    """Long names take up rows, and no column is off the screen for them, in German neither."""
    seed(admin_site, "meeting", 1, LONG)
    seed(admin_site, "banned")
    seed(admin_site, "webhooks", 8)
    operator = tab_in("de")
    operator.set_viewport_size({"width": 1440, "height": 900})
    operator.goto(f"/admin/talk_calls/{model}/")
    assert operator.locator("#result_list tbody tr").count()
    hidden = operator.locator("#changelist .results").evaluate(
        "each => each.scrollWidth - each.clientWidth"
    )
    assert hidden <= 0


@pytest.mark.parametrize("width", [768, 360])
def test_the_page_before_a_conversation_is_deleted(operator, admin_site, width):
    """It names the conversation and counts what goes with it, within the window."""
    seed(admin_site, "meeting", 3, LONG)
    operator.set_viewport_size({"width": width, "height": 800})
    operator.goto("/admin/talk_calls/conversation/")
    operator.locator("#result_list tbody a").first.click()
    operator.locator("a.deletelink").click()
    operator.get_by_text("Attendees: 4").wait_for()
    assert operator.get_by_text("Gina Guest").count() == 0
    assert operator.get_by_text("ystem message").count() == 0
    assert operator.evaluate("document.documentElement.scrollWidth") <= width


def test_links_above_a_page_lie_beside_each_other(tab_in, admin_site):
    """In two rows if one is too short, as in German."""
    seed(admin_site, "meeting", 1)
    page = tab_in("de")
    page.set_viewport_size({"width": 768, "height": 800})
    for model in ("conversation", "call"):
        page.goto(f"/admin/talk_calls/{model}/")
        links = page.locator(f"#result_list a[href*='/talk_calls/{model}/']")
        page.goto(links.first.get_attribute("href"))
        boxes = [link.bounding_box() for link in page.locator(".object-tools a").all()]
        assert len(boxes) > 1
        for one, other in combinations(boxes, 2):
            is_above = one["y"] + one["height"] <= other["y"]
            assert is_above or one["x"] + one["width"] <= other["x"], model


@pytest.mark.parametrize("width", [768, 360])
def test_nothing_lies_over_a_long_name(operator, admin_site, width):
    """Neither the links above a page nor the buttons of actions cover its headings."""
    seed(admin_site, "meeting", 1, LONG)
    operator.set_viewport_size({"width": width, "height": 800})
    for path in ("conversation/", "call/"):
        operator.goto(f"/admin/talk_calls/{path}")
        links = operator.locator(f"#result_list a[href*='/talk_calls/{path}']")
        operator.goto(links.first.get_attribute("href"))
        boxes = operator.locator("#content h1, #content > h2").all()
        lowest = max(each.bounding_box()["y"] + each.bounding_box()["height"] for each in boxes)
        buttons = operator.locator(".talk-actions button:visible, .object-tools a:visible").all()
        assert buttons
        for button in buttons:
            assert button.bounding_box()["y"] >= lowest
        assert operator.evaluate("document.documentElement.scrollWidth") <= width
