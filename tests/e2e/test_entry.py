"""The ways in, and out."""

import pytest

from tests.e2e.site import Meeting
from tests.e2e.test_media import all_decoded
from tests.e2e.visitors import until


def test_password(visitor, meeting):
    """The page asks for the password, rejects a wrong one, and accepts the right one."""
    path = f"v4/room/{meeting.token}/password"
    meeting.site.ask("PUT", path, password="correct horse battery")
    ann = visitor("Ann").open().ask_in()
    field = ann.page.get_by_label("Password")
    field.fill("wrong")
    ann.button("Continue").click()
    ann.page.get_by_role("alert").get_by_text("That password is wrong.").wait_for()
    field.fill("correct horse battery")
    field.press("Enter")
    ann.see("You are in the call")
    assert ann.names() == []


def test_no_such_conversation(visitor, meeting):
    """An unknown token shows a sentence, with a link to log in."""
    nowhere = visitor("Ann")
    nowhere.meeting = Meeting(meeting.site, "nowhere")
    nowhere.open().see("There is no such conversation")
    link = nowhere.page.get_by_role("link", name="Log in")
    assert link.get_attribute("href") == "/accounts/login/?next=%2Fcall%2Fnowhere"


def test_deleted_conversation(visitor, meeting):
    """When a conversation is deleted, the page shows that."""
    ann = visitor("Ann").open().join()
    meeting.delete()
    ann.see("The conversation was deleted", within=5)


def test_two_windows_of_one_browser_call_each_other(visitor, meeting):
    """A newcomer opens the link twice, and sees pictures in both."""
    ann = visitor("Ann").open().join()
    ben = visitor("Ben", beside=ann).open().join()
    until(lambda: ann.names() == ["Ben"] and ben.names() == ["Ann"], 5, ann.page)
    until(lambda: all_decoded([ann, ben]), 10, ann.page)
    assert meeting.in_call() == ["Ann", "Ben"]
    ben.page.reload()
    ben.join()
    until(lambda: meeting.in_call() == ["Ann", "Ben"], 5, ann.page)
    ben.page.close()
    until(lambda: meeting.in_call() == ["Ann"], 5, ann.page)


def test_a_duplicate_of_a_tab_replaces_it(visitor):
    """A copy of a tab replaces it; the older shows that, and can take the call back."""
    ann = visitor("Ann").open().join()
    window = ann.page.evaluate("sessionStorage.getItem('talk-calls-window')")
    first, ann.page = ann.page, ann.context.new_page()
    ann.page.add_init_script(f"sessionStorage.setItem('talk-calls-window', '{window}')")
    ann.open().join()
    first.get_by_role("heading", name="You joined in another window").wait_for(timeout=5000)
    first.get_by_role("button", name="Continue here").click()
    first.get_by_role("button", name="Leave call").wait_for()
    ann.see("You joined in another window", within=5)


@pytest.mark.parametrize("how", [pytest.param("button", marks=pytest.mark.nightly), "tab"])
def test_leaving_is_seen_at_once(visitor, meeting, how):
    """After the leave button or a closed tab, the others see it within 2 s."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: ann.names() == ["Ben"], 5, ann.page)
    if how == "button":
        ben.button("Leave call").click()
        ben.see("You left the call")
    else:
        ben.page.close(run_before_unload=False)
    until(lambda: ann.names() == [], 2, ann.page)
    ann.page.get_by_role("log").get_by_text("Ben left.").wait_for()  # after a moment to come back
    assert meeting.in_call() == ["Ann"]


def test_coming_back(visitor):
    """After leaving, one press shows the preview again, from which one joins."""
    ann = visitor("Ann").open().join()
    ann.button("Leave call").click()
    ann.button("Join again").click()
    ann.see("Ready to join?")
    ann.join()


def test_link_is_copied(visitor, meeting):
    """The link of the page is one press away."""
    ann = visitor("Ann").open().join()
    ann.button("People").click()
    ann.button("Copy link").click()
    ann.page.get_by_role("log").get_by_text("The link was copied.").wait_for()
    assert ann.page.evaluate("navigator.clipboard.readText()") == meeting.link


def test_name_is_text(visitor):
    """Whatever somebody calls themself is shown as text."""
    name = "<img src=x onerror=alert(1)>"
    visitor(name).open().join()
    ben = visitor("Ben").open().join()
    until(lambda: ben.names() == [name], 5, ben.page)
