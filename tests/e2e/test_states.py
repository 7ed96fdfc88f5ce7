"""Each state of a visit is reached as people reach it: by others, by the site, by a bad network."""

import time

import pytest

from tests.e2e.page_checks import axe_violations
from tests.e2e.site import OWNER, PASSWORD
from tests.e2e.test_door import MAKE_BOB
from tests.e2e.visitors import until

SLOW = 30  # seconds; machines of tests are busy

FOCUSED = "() => document.activeElement.textContent.trim()"
VIEW = "() => document.body.dataset.view"


def test_ends_of_a_guest(visitor, meeting):
    """Left, removed, ended, deleted: each says what happened, is read aloud, and leads home."""
    ann = visitor("Ann").open().join()
    alice = visitor("alice").log_in().join()

    def over(heading: str) -> None:
        ann.see(heading, within=SLOW)
        assert ann.page.evaluate(FOCUSED) == heading
        assert ann.page.get_by_role("link", name="Back to the site").is_visible()
        assert axe_violations(ann.page) == set()

    ann.button("Leave call").click()
    over("You left the call")
    ann.button("Join again").click()
    ann.see("Ready to join?", within=SLOW)
    ann.page.get_by_text("In the call: alice").wait_for(timeout=SLOW * 1000)
    ann.join()
    alice.button("People").click()
    alice.button("End call for everyone").click()
    alice.page.get_by_role("dialog").get_by_role("button").last.click()
    over("The call has ended")
    ann.button("Start a new one").click()
    ann.join()
    meeting.delete()
    over("The conversation was deleted")


def test_logged_out_elsewhere(visitor):
    """Whoever logs out in another tab is told so, with a way to log in and come back."""
    alice = visitor("alice").log_in().join()
    other = alice.context.new_page()
    other.goto("/admin/")
    other.get_by_role("button", name="Log out").click()
    alice.see("You were logged out", within=SLOW + 30)
    alice.page.get_by_role("link", name="Log in").click()
    alice.page.locator("[name=username]").fill(OWNER)
    alice.page.locator("[name=password]").fill(PASSWORD)
    alice.page.locator("[name=password]").press("Enter")
    alice.see("Ready to join?", within=SLOW)


def test_a_second_device_asks(visitor, meeting):
    """A user who is in the call elsewhere switches, or takes part twice and is muted."""
    first = visitor("alice").log_in().join()
    second = visitor("alice").log_in()
    second.button("Join call").click()
    second.see("You are in this call on another device", within=SLOW)
    assert axe_violations(second.page) == set()
    second.button("Join as well (muted)").click()
    second.button("Unmute").wait_for(timeout=SLOW * 1000)
    assert meeting.in_call() == ["alice", "alice"]
    second.button("Leave call").click()
    second.button("Join again").click()
    second.button("Join call").click()
    second.button("Switch here").click()
    second.button("Leave call").wait_for(timeout=SLOW * 1000)
    first.see("You joined in another window", within=SLOW)
    first.button("Continue here").click()
    first.button("Leave call").wait_for(timeout=SLOW * 1000)
    second.see("You joined in another window", within=SLOW)


def test_lobby_tells_whether_somebody_can_let_one_in(visitor, meeting):
    """In the lobby one learns whether a moderator is there."""
    meeting.lobby(1)
    ann = visitor("Ann").open().ask_in()
    ann.see("You are in the lobby", within=SLOW)
    ann.page.get_by_text("No moderator is here yet who could let you in.").wait_for()
    visitor("alice").log_in().join()
    told = ann.page.get_by_text("A moderator was told that you are waiting.")
    told.wait_for(timeout=SLOW * 1000)
    assert axe_violations(ann.page) == set()


def test_a_clock_that_is_ahead(visitor, meeting):
    """In a lobby with a timer a device that is ten minutes ahead asks no more than others.

    That is once, when the first list of the signaling comes; it was twice in a second.
    """
    meeting.lobby(1, int(time.time()) + 300)
    ann = visitor("Ann")
    ann.page.add_init_script("const now = Date.now; Date.now = () => now() + 600_000;")
    ann.open().ask_in()
    ann.see("You are in the lobby", within=SLOW)
    asked: list[str] = []
    ann.page.on("request", lambda request: asked.append(request.url))
    ann.page.wait_for_timeout(4000)
    assert len([url for url in asked if url.endswith(f"/room/{meeting.token}")]) <= 1


def test_two_passwords_at_once(visitor, meeting):
    """Of passwords that are sent while one is being checked the last counts."""
    meeting.site.ask("PUT", f"v4/room/{meeting.token}/password", password="correct horse battery")
    ann = visitor("Ann").open().ask_in()
    field = ann.page.get_by_label("Password")
    path = "**/participants/active"
    held: list = []
    field.fill("wrong")
    ann.page.route(path, lambda route: held.append(route), times=1)  # noqa: PLW0108
    field.press("Enter")
    until(lambda: held, SLOW, ann.page)
    field.fill("correct horse battery")
    field.press("Enter")
    held[0].continue_()
    ann.see("You are in the call", within=SLOW)
    ann.page.reload()
    ann.ask_in()
    ann.see("You are in the call", within=SLOW)  # without the password, which was entered before


def test_a_user_who_came_by_the_link_reloads(visitor, meeting):
    """The password is not asked for again, as of a guest; who leaves types it again."""
    site = meeting.site
    site.manage("shell", "-c", MAKE_BOB)
    site.ask("PUT", f"v4/room/{meeting.token}/password", password="correct horse battery")
    bob = visitor("bob").log_in("bob").ask_in()
    bob.page.get_by_label("Password").fill("correct horse battery")
    bob.page.get_by_label("Password").press("Enter")
    bob.see("You are in the call", within=SLOW)
    bob.page.reload()
    bob.ask_in().see("You are in the call", within=SLOW)
    bob.button("Leave call").click()
    bob.button("Join again").click()
    bob.ask_in().page.get_by_label("Password").wait_for(timeout=SLOW * 1000)


@pytest.mark.parametrize("blocked", ["**/visit/visit.js", "**/main.js"])
def test_a_script_that_does_not_load(visitor, blocked):
    """The page says at once that a part of it is missing."""
    ann = visitor("Ann")
    ann.page.route(blocked, lambda route: route.abort())
    ann.open().see("The page did not load completely", within=SLOW)
    assert ann.page.get_by_role("link", name="Load the page again").is_visible()
    assert axe_violations(ann.page) == set()


def test_a_site_that_never_answers(visitor):
    """After ten seconds the page says that something is wrong, and goes on when it can."""
    ann = visitor("Ann")
    ann.page.route("**/ocs/**", lambda route: None)
    ann.open()
    ann.page.get_by_text("This takes longer than it should").wait_for(timeout=SLOW * 1000)
    assert ann.page.evaluate(VIEW) == "checking"
    assert axe_violations(ann.page) == set()
    ann.page.unroute("**/ocs/**")  # the page asks again after 20 s
    ann.see("Ready to join?", within=2 * SLOW)


def test_blocked_storage(visitor):
    """Without cookies the page says so, also if the browser throws for storage."""
    ann = visitor("Ann")
    ann.page.add_init_script(
        "Object.defineProperty(globalThis, 'sessionStorage', { get() { throw new Error('no'); } })"
    )
    ann.open().see("This browser keeps no cookies here", within=SLOW)
    assert axe_violations(ann.page) == set()


def test_states_in_german(visitor, meeting):
    """The states that others bring about are German in a German browser."""
    ann = visitor("Ann", locale="de").open()
    ann.page.get_by_text("Noch ist niemand im Anruf.").wait_for(timeout=SLOW * 1000)
    ann.page.get_by_label("Dein Name").fill("Ann")
    ann.button("Anruf beitreten").click()
    ann.button("Anruf verlassen").wait_for(timeout=SLOW * 1000)
    meeting.lobby(1)
    ann.see("Du bist in der Lobby", within=SLOW)
    ann.page.get_by_text("Noch ist kein Moderator da").wait_for(timeout=SLOW * 1000)
    meeting.delete()
    ann.see("Die Unterhaltung wurde gelöscht", within=SLOW)
    assert ann.page.get_by_role("link", name="Zurück zur Website").is_visible()
