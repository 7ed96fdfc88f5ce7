"""What operators do in the admin, with a keyboard, on a phone, and as others see it."""

import pytest

from tests.e2e.admin.conftest import seed
from tests.e2e.page_checks import axe_violations
from tests.e2e.visitors import PHONE


@pytest.fixture
def meeting(admin_site, operator):
    """Return the operator's tab, on a site where a call runs."""
    seed(admin_site, "meeting", 3)
    return operator


def tab_to(page, target):
    """Go from control to control until ``target`` has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError("the keyboard does not get there")


def give_a_reason(page, button):
    """Fill in the confirmation page and confirm, by keyboard."""
    tab_to(page, page.get_by_label("Reason"))
    page.keyboard.type("Nobody is at work")
    tab_to(page, page.get_by_role("button", name=button))
    page.keyboard.press("Enter")


def too_wide(page):
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


def test_end_a_call_from_the_list_by_keyboard(meeting):
    """Tick, choose, go, give a reason, confirm."""
    meeting.goto("/admin/talk_calls/call/")
    tab_to(meeting, meeting.locator("input.action-select").first)
    meeting.keyboard.press("Space")
    choice = meeting.get_by_label("Action", exact=False).and_(meeting.locator("select")).first
    choice.focus()
    meeting.keyboard.type("End")
    tab_to(meeting, meeting.locator("button[name=index]").first)
    meeting.keyboard.press("Enter")
    meeting.get_by_role("heading", name="End calls for everybody?").wait_for()
    give_a_reason(meeting, "End for everybody")
    meeting.get_by_text("Ended 1 call.").wait_for()


def test_end_a_call_from_its_page_by_keyboard(meeting):
    """After the confirmation the page is shown again, and its history has the entry."""
    meeting.goto("/admin/talk_calls/call/")
    meeting.locator("#result_list tbody th a").first.click()
    tab_to(meeting, meeting.get_by_role("button", name="End for everybody"))
    meeting.keyboard.press("Enter")
    give_a_reason(meeting, "End for everybody")
    meeting.get_by_text("Ended 1 call.").wait_for()
    assert "/change/" in meeting.url
    assert meeting.get_by_role("button", name="End for everybody").count() == 0
    meeting.get_by_role("link", name="History").click()
    meeting.get_by_text("Ended the call. Reason: Nobody is at work").wait_for()


def test_no_reason(meeting):
    """The confirmation is shown again with an error."""
    meeting.goto("/admin/talk_calls/conversation/")
    meeting.locator("#result_list tbody a").first.click()
    meeting.get_by_role("button", name="Lobby on").click()
    meeting.get_by_role("button", name="Lobby on").click()
    meeting.get_by_text("Nothing was done yet.").wait_for()
    assert axe_violations(meeting) == set()


def test_remove_somebody_from_the_page_of_a_conversation(meeting):
    """Each row has its buttons, and the way leads back to the conversation."""
    meeting.goto("/admin/talk_calls/conversation/")
    meeting.locator("#result_list tbody a").first.click()
    meeting.get_by_role("button", name="Remove Gina Guest").click()
    meeting.get_by_label("Reason").fill("Spam")
    meeting.get_by_role("button", name="Remove").click()
    meeting.get_by_text("Removed 1 attendee.").wait_for()
    meeting.get_by_role("heading", name="Attendees: 3").wait_for()
    assert meeting.get_by_text("Gina Guest").count() == 0


def test_everybody_can_use_the_pages(meeting):
    """Lists, confirmation and the page of a conversation, in each colour and size."""
    for model in ("attendee", "session", "conversation", "apppassword"):
        meeting.goto(f"/admin/talk_calls/{model}/")
        assert axe_violations(meeting) == set()
        meeting.locator("#result_list tbody a").first.click()
        assert axe_violations(meeting) == set()
        meeting.set_viewport_size(PHONE)
        assert too_wide(meeting) <= 0
        meeting.locator(".talk-actions button").first.click()
        meeting.get_by_label("Reason").wait_for()
        assert axe_violations(meeting) == set()
        meeting.set_viewport_size(PHONE)
        assert too_wide(meeting) <= 0
