"""The page by keyboard, by screen reader, on a phone, in the dark, and in German."""

import pytest

from tests.e2e.page_checks import axe_findings, overflow
from tests.e2e.site import Meeting
from tests.e2e.viewports import FEW, each_look
from tests.e2e.visitors import PHONE, until


def test_axe_finds_nothing(visitor, meeting):
    """In states as people reach them; test_matrix.py has all states and looks."""
    alice = visitor("alice").log_in()
    found = {"ready": findings(alice)}
    alice.join()
    ann = visitor("Ann").open().join()
    until(lambda: alice.names() == ["Ann"], 30, alice.page)
    alice.button("Raise hand").click()
    found["call"] = findings(alice)
    alice.button("People").click()
    found["panel"] = findings(alice)
    alice.choose("Ann", "Remove from the conversation")
    found["question"] = findings(alice)
    alice.button("Cancel").click()
    for name, act, heading in (
        ("lobby", lambda: meeting.lobby(1), "You are in the lobby"),
        ("back", lambda: meeting.lobby(0), "You are in the call"),
        ("locked", lambda: meeting.lock(1), "This conversation is locked"),
    ):
        act()
        ann.see(heading, 30)
        found[name] = findings(ann)
    nowhere = visitor("Ben")
    nowhere.meeting = Meeting(meeting.site, "nowhere")
    nowhere.open().see("There is no such conversation")
    found["not found"] = findings(nowhere)
    assert {state: problems for state, problems in found.items() if problems} == {}


def findings(visitor):
    """Return what axe finds in some looks, whatever its impact."""
    looks = each_look(visitor.page, FEW)
    return {str(look): found for look in looks if (found := axe_findings(visitor.page))}


@pytest.mark.parametrize(
    "number",
    [1, pytest.param(2, marks=pytest.mark.nightly), pytest.param(5, marks=pytest.mark.nightly)],
)
def test_phone_shows_everything(visitor, number):
    """At 360 × 640 nothing sticks out, and whatever is pressed is at least 44 pixels large."""
    people = [visitor(f"Person {each}", viewport=PHONE).open() for each in range(number)]
    for person in people:
        assert overflow(person.page) <= 0
        if number > 2:  # it is about the place of tiles, and pictures cost
            person.button("Turn camera off").click()
        person.join()
    ann = people[0]
    until(lambda: len(ann.names()) == number - 1, 10, ann.page)
    assert overflow(ann.page) <= 0
    assert small_buttons(ann.page) == []
    for tile in ann.page.locator(".tile").all():
        box = tile.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert box["height"] >= 80
    ann.button("People").click()
    assert overflow(ann.page) <= 0
    assert small_buttons(ann.page) == []


def small_buttons(page):
    """Return the buttons that a finger may miss."""
    return page.evaluate(
        """() => [...document.querySelectorAll("button, a, select, input")]
          .filter((each) => each.checkVisibility())
          .map((each) => [each.getBoundingClientRect(), each.outerHTML])
          .filter(([{ width, height }]) => Math.min(width, height) < 44)
          .map(([, html]) => html)"""
    )


def test_call_by_keyboard(visitor):
    """Join, mute, list and leave, with no mouse; the focus is where one has to go on."""
    ann = visitor("Ann").open()
    ann.button("Join call").wait_for()
    ann.page.get_by_label("Your name").focus()
    ann.page.keyboard.type("Ann")
    ann.page.keyboard.press("Enter")
    ann.see("You are in the call")
    focused = "() => document.activeElement.textContent.trim()"
    assert ann.page.evaluate(focused) == "You are in the call"
    press_until(ann, "Tab", "Mute")
    press_until(ann, "ArrowRight", "People")
    ann.page.keyboard.press("Enter")
    assert ann.page.evaluate(focused) == "People: 1"
    ann.page.keyboard.press("Escape")
    assert ann.page.evaluate(focused) == "People"
    ann.page.keyboard.press("End")
    ann.page.keyboard.press("Enter")
    ann.see("You left the call")
    assert ann.page.evaluate(focused) == "You left the call"


def press_until(visitor, key, name):
    """Press a key until the button of that name has the focus."""
    seen = []
    while (focused := visitor.page.evaluate("document.activeElement.textContent.trim()")) != name:
        assert len(seen) < 20, seen
        seen.append(focused[:40])
        visitor.page.keyboard.press(key)


def test_german(visitor):
    """A browser that asks for German gets German, also from the scripts."""
    ann = visitor("Ann", locale="de").open()
    ann.page.get_by_label("Dein Name").fill("Ann")
    ann.button("Anruf beitreten").click()
    ann.button("Anruf verlassen").wait_for()
    assert ann.page.evaluate("document.documentElement.lang") == "de"
    ann.button("Stummschalten").click()
    ann.button("Stummschaltung aufheben").wait_for()
    ann.page.get_by_text("Ann (du)").first.wait_for()
