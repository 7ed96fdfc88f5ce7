"""What moderators do reaches the page within a second."""

import time
from pathlib import Path

from tests.e2e.page_checks import axe_violations
from tests.e2e.site import Meeting
from tests.e2e.visitors import until
from tests.patience import in_time

#: What people may do (constants 2.7): all but to ignore the lobby, and some of that.
START, AUDIO, VIDEO, ALL = 2, 16, 32, 503


def reaches(act, person, heading):
    """Do something, and return after how many seconds the page shows it."""
    act()
    begun = time.monotonic()
    person.see(heading, within=5)
    took = time.monotonic() - begun
    print(f"{heading}: {took:.2f} s")
    # It is a second on a machine that does nothing else; the time is printed.
    in_time(took, 3, heading)


def test_lobby_lock_and_end(visitor, meeting):
    """Lobby, lock, end for everyone are on the page within a second, and so is the way back."""
    ann = visitor("Ann").open().join()
    reaches(lambda: meeting.lobby(1), ann, "You are in the lobby")
    reaches(lambda: meeting.lobby(0), ann, "You are in the call")
    reaches(lambda: meeting.lock(1), ann, "This conversation is locked")
    reaches(lambda: meeting.lock(0), ann, "Ready to join?")
    ann.join()
    alice = visitor("alice").log_in().join()
    until(lambda: ann.names() == ["alice"], 5, ann.page)
    alice.button("People").click()
    alice.button("End call for everyone").click()
    reaches(lambda: alice.button("End call").click(), ann, "The call has ended")
    alice.see("The call has ended")
    assert meeting.in_call() == []


def test_lobby_before_the_call(visitor, meeting):
    """In the lobby the camera is off; the owner's button admits those who wait."""
    meeting.lobby(1)
    alice, ann = visitor("alice").log_in().join(), visitor("Ann").open().ask_in()
    ann.see("You are in the lobby")
    assert ann.page.evaluate("document.getElementById('preview').srcObject") is None
    alice.button("People").click()
    alice.page.get_by_text("Waiting in the lobby: 1").wait_for()
    let_in = alice.button("Open the lobby")
    reaches(let_in.click, ann, "You are in the call")
    until(lambda: alice.names() == ["Ann"], 5, alice.page)


def test_lobby_with_a_timer_opens_by_itself(visitor, meeting):
    """When the time of the lobby has come, the page goes in."""
    meeting.lobby(1, int(time.time()) + 4)
    ann = visitor("Ann").open().ask_in()
    ann.see("You are in the lobby")
    ann.page.get_by_text("It opens at").wait_for()
    ann.see("You are in the call", within=8)


def test_lock_and_unlock_by_the_owner(visitor):
    """Locking ends the call for its owner too, who can unlock."""
    alice = visitor("alice").log_in().join()
    alice.button("People").click()
    alice.button("Lock conversation").click()
    alice.page.get_by_role("dialog").get_by_role("button", name="Lock conversation").click()
    alice.see("This conversation is locked")
    alice.button("Unlock conversation").click()
    alice.join()


#: Makes a conversation of alice with somebody whose account is deleted then.
MAKE_FORMER = """
from django.contrib.auth import get_user_model
from talk_calls.services import creation
users = get_user_model().objects
gone = users.create(username="gone")
creation.create_one_to_one(user=users.get(username="alice"), other=gone)
gone.delete()
"""


def test_nobody_unlocks_a_former_one_to_one(visitor, meeting):
    """The page says why it is locked, and offers no button that would be refused."""
    meeting.site.manage("shell", "-c", MAKE_FORMER)
    token = next(room["token"] for room in meeting.site.ask("GET", "v4/room") if room["type"] == 5)
    alice = visitor("alice").log_in()
    alice.meeting = Meeting(meeting.site, token)
    alice.open().see("This conversation is locked", within=30)
    alice.page.get_by_text("The account of the other person was deleted").wait_for()
    assert not alice.page.get_by_text("until a moderator unlocks it").is_visible()
    assert not alice.button("Unlock conversation").is_visible()
    assert not alice.button("Try again").is_visible()


def test_somebody_is_muted(visitor):
    """A moderator mutes somebody, who sees that and can unmute."""
    alice, ann = visitor("alice").log_in().join(), visitor("Ann").open().join()
    until(lambda: alice.names() == ["Ann"], 5, alice.page)
    alice.button("People").click()
    alice.choose("Ann", "Mute microphone")
    ann.button("Unmute").wait_for(timeout=3000)
    ann.page.get_by_role("log").get_by_text("A moderator muted you.").wait_for()
    until(lambda: "microphone off" in alice.state_of("Ann"), 3, alice.page)
    ann.button("Unmute").click()
    until(lambda: "microphone off" not in alice.state_of("Ann"), 3, alice.page)


def test_somebody_is_muted_by_another_client(visitor, meeting):
    """The message is that of Talk's clients, so they can mute us as well."""
    ann = visitor("Ann").open().join()
    meeting.silence("Ann")
    ann.button("Unmute").wait_for(timeout=3000)


def test_somebody_is_removed(visitor):
    """A removed participant sees that, and is gone for the others."""
    alice, ann = visitor("alice").log_in().join(), visitor("Ann").open().join()
    until(lambda: alice.names() == ["Ann"], 5, alice.page)
    alice.button("People").click()
    alice.choose("Ann", "Remove from the conversation")
    reaches(alice.button("Remove Ann").click, ann, "You were removed")
    until(lambda: alice.names() == [], 3, alice.page)


def test_somebody_is_banned_and_let_in_again(visitor):
    """Whoever is banned reads why, and comes in again only when a moderator has lifted the ban."""
    alice, ann = visitor("alice").log_in().join(), visitor("Ann").open().join()
    until(lambda: alice.names() == ["Ann"], 30, alice.page)
    alice.button("People").click()
    alice.choose("Ann", "Ban from the conversation")
    alice.page.get_by_label("What they read").fill("Come back tomorrow.")
    alice.page.get_by_label("Note for moderators").fill("Shouts.")
    alice.button("Ban Ann").click()
    ann.see("You were banned", within=30)
    ann.page.get_by_text("Come back tomorrow.").wait_for(timeout=30_000)
    until(lambda: alice.names() == [], 30, alice.page)
    ann.page.reload()
    ann.see("You were banned", within=30)
    alice.button("Banned people").click()
    alice.page.get_by_role("dialog").get_by_text("Shouts.").wait_for(timeout=30_000)
    lift = alice.button("Lift the ban of Ann")
    lift.focus()
    lift.press("Enter")
    alice.page.get_by_text("Nobody is banned.").wait_for(timeout=30_000)
    alice.button("Close").click()
    ann.button("Try again").click()
    ann.join()
    until(lambda: alice.names() == ["Ann"], 30, alice.page)


def test_waiting_for_the_start(visitor, meeting):
    """Without the right to start one waits, with the camera off, and joins once it started."""
    meeting.permit(ALL - START)
    ann = visitor("Ann").open().ask_in()
    ann.see("The call has not started yet")
    assert ann.page.evaluate("document.getElementById('preview').srcObject") is None
    alice = visitor("alice").log_in().join()
    ann.see("You are in the call", within=5)
    until(lambda: alice.names() == ["Ann"], 5, alice.page)


def test_camera_and_microphone_are_taken(visitor, meeting):
    """Without the permission for audio or video none is sent, and the buttons show why."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: ann.names() == ["Ben"], 5, ann.page)
    meeting.permit(ALL - VIDEO - AUDIO)
    ann.button("Turn camera on").wait_for(timeout=3000)
    ann.button("Turn camera on").click()
    log = ann.page.get_by_role("log")
    log.get_by_text("A moderator does not let you send video.").wait_for()
    ann.button("Unmute").click()
    log.get_by_text("A moderator does not let you speak.").wait_for()
    until(lambda: "microphone off, camera off" in ben.state_of("Ann"), 3, ben.page)
    meeting.permit(ALL)
    until(lambda: switches_on(ann), 5, ann.page)


def switches_on(person):
    """Try to switch the camera on, and return whether it is."""
    if person.button("Turn camera on").is_visible():
        person.button("Turn camera on").click()
    return person.button("Turn camera off").is_visible()


def test_guests_moderate_nothing(visitor):
    """A guest is offered nothing that only moderators may do."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: ann.names() == ["Ben"], 5, ann.page)
    ann.button("People").click()
    ann.button("Copy link").wait_for()
    for name in ("End call for everyone", "Lock conversation", "Actions for Ben"):
        assert not ann.button(name).is_visible()
    assert ben.page.get_by_role("heading", name="For moderators").count() == 0


def test_who_took_part(visitor):
    """After the call its moderator downloads who took part; a guest has no such link."""
    alice, ann = visitor("alice").log_in().join(), visitor("Ann").open().join()
    until(lambda: ann.names() == ["alice"], 30, ann.page)
    ann.button("Leave call").click()
    ann.see("You left the call", within=30)
    assert not ann.page.get_by_role("link", name="Download who took part").is_visible()
    alice.button("Leave call").click()
    alice.see("You left the call", within=30)
    assert axe_violations(alice.page) == set()
    with alice.page.expect_download() as download:
        alice.page.get_by_role("link", name="Download who took part").click()
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["name", "Ann", "alice"]
