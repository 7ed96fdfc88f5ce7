"""What all pages of the admin have in common."""

import pytest

from tests.e2e.admin.conftest import seed
from tests.e2e.page_checks import axe_violations

#: Pages that Django's admin does not have.
PAGES = ["", "conversation/why/?conversation=standup&user=bob"]

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
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_pages_of_our_own(operator, admin_site, path, theme):
    """In both themes, also where there is something to warn of."""
    seed(admin_site, "lobby_up")
    seed(admin_site, "abandoned_call")
    operator.emulate_media(color_scheme=theme)
    operator.goto(f"/admin/talk_calls/{path}")
    assert axe_violations(operator) == set()


@pytest.mark.parametrize("width", [768, 360])
def test_nothing_lies_over_a_long_name(operator, admin_site, width):
    """Neither the links above a page nor the buttons of actions cover its headings."""
    seed(admin_site, "meeting", 1, "Very long " * 20 + "x" * 55)
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
