"""Where people, screens and toasts are, in windows of all sizes."""

import re

import pytest

from tests.e2e.crowd import with_crowd
from tests.e2e.page_checks import axe_violations, overflow
from tests.e2e.test_accessibility import small_buttons
from tests.e2e.visitors import DESKTOP, PHONE, until

TABLET = {"width": 768, "height": 1024}
LANDSCAPE = {"width": 640, "height": 360}
ZOOMED = {"width": 320, "height": 256}  # a window of 1280 × 1024 at 400 %

#: Milliseconds for what needs a server on a busy machine.
PATIENCE = 30_000

#: The boxes of what matches a selector and is shown.
BOXES = """(selector) => [...document.querySelectorAll(selector)]
  .filter((each) => each.checkVisibility() && each.getBoundingClientRect().width > 1)
  .map((each) => each.getBoundingClientRect())
  .map(({ x, y, width, height }) => ({ x, y, width, height }))"""

#: Call a function of page/toasts.js as another part of the page does.
ANNOUNCE = """async ([key, values]) => {
  const { src } = document.querySelector("script[type=module]");
  const { announce } = await import(src.replace("main.js", "page/toasts.js"));
  announce(key, values);
}"""


def boxes(person, selector):
    return person.page.evaluate(BOXES, selector)


def overlapping(some, others):
    """Return the pairs of boxes that cover each other."""
    return [
        (one, other)
        for one in some
        for other in others
        if one["x"] < other["x"] + other["width"]
        and other["x"] < one["x"] + one["width"]
        and one["y"] < other["y"] + other["height"]
        and other["y"] < one["y"] + one["height"]
    ]


@pytest.fixture
def among(visitor):
    """Return a function that lets Ann join a call with so many people in it."""

    def join(people, **options):
        ann = with_crowd(visitor("Ann", **options), people)
        ann.page.set_default_timeout(PATIENCE)
        ann.open()
        # By ids, as the page may be in German.
        ann.page.locator("#name").fill(ann.name)
        ann.page.locator("#join").click()
        named = ann.page.locator(".tile .name", has_text="Person")
        until(lambda: named.count() == people - 1, 60, ann.page)
        return ann

    return join


@pytest.mark.parametrize(("window", "people"), [(PHONE, 12), (TABLET, 25)], ids=["phone", "tablet"])
def test_many_people_are_legible(among, window, people):
    """All are there at once: tiles of at least 80 pixels, names of at least 12."""
    ann = among(people, viewport=window)
    tiles = boxes(ann, ".tile")
    assert len(tiles) == people
    assert min(min(tile["width"], tile["height"]) for tile in tiles) >= 80
    for index, tile in enumerate(tiles):
        assert overlapping([tile], tiles[index + 1 :]) == []
    font = "name => parseFloat(getComputedStyle(name).fontSize)"
    for name in ann.page.locator(".tile .name").all():
        assert name.evaluate(font) >= 12
    assert overflow(ann.page) <= 0
    assert small_buttons(ann.page) == []


@pytest.mark.parametrize("locale", ["en", "de"])
def test_every_window_is_usable(among, locale):
    """Nothing sticks out and toasts cover nothing, also in a low window and at 400 %."""
    ann = among(12, viewport=DESKTOP, locale=locale)
    for window in (DESKTOP, TABLET, PHONE, LANDSCAPE, ZOOMED):
        ann.page.set_viewport_size(window)
        ann.page.wait_for_timeout(200)
        ann.page.evaluate(ANNOUNCE, ["hand-up", {"name": "Wolfgang Amadeus Mustermann"}])
        ann.page.evaluate(ANNOUNCE, ["joined", {"name": "Ben"}])
        ann.page.wait_for_timeout(200)
        assert overflow(ann.page) <= 0
        toasts = boxes(ann, ".toast")
        assert 1 <= len(toasts) <= 2
        covered = boxes(ann, ".caption, button, header *")
        assert overlapping(toasts, covered) == []
        tiles = boxes(ann, ".tile")
        assert len(tiles) >= 2
        for tile in tiles:
            assert tile["height"] >= 80
            assert tile["y"] + tile["height"] <= window["height"]


def test_tiles_of_a_grid_are_wide(among):
    """They have 16:9, as cameras do, and none is cropped to fill the window."""
    ann = among(5, viewport=DESKTOP)
    for tile in boxes(ann, ".tile"):
        assert tile["width"] / tile["height"] == pytest.approx(16 / 9, abs=0.03)


def test_pages_of_tiles(among):
    """Who does not fit is on another page."""
    ann = among(12, viewport=LANDSCAPE)
    first = shown(ann)
    assert len(first) < 12
    ann.button("Next page").click()
    second = shown(ann)
    assert second
    assert not set(first) & set(second)
    ann.button("Previous page").click()
    assert shown(ann) == first


def test_speaker_view_is_remembered(among):
    """One is large and the others are in a strip, also after a reload; a pin goes before."""
    ann = among(5, viewport=DESKTOP)
    assert ann.page.locator("[data-role=large]").count() == 0
    ann.button("Layout").click()
    ann.page.get_by_role("menuitemradio", name="Speaker view").click()
    assert large(ann) == "Person 2"
    ann.page.get_by_label("Pin Person 4").focus()
    ann.page.keyboard.press("Enter")
    assert large(ann) == "Person 4"
    ann.page.keyboard.press("Enter")
    assert large(ann) == "Person 2"
    ann.page.reload()
    ann.join()
    until(lambda: ann.page.locator("[data-role=large]").count() == 1, 30, ann.page)


def test_pin_by_keyboard(among):
    """The pins are one stop of the Tab key, and arrow keys lead from one to the next."""
    ann = among(5, viewport=DESKTOP)
    pins = ann.page.locator(".pin")
    assert sorted(pin.get_attribute("tabindex") for pin in pins.all()) == ["-1"] * 4 + ["0"]
    pins.first.focus()
    ann.page.keyboard.press("ArrowRight")
    ann.page.keyboard.press("ArrowRight")
    assert ann.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Pin Person 3"
    ann.page.keyboard.press("Space")
    assert large(ann) == "Person 3"
    assert ann.page.get_by_role("button", name="Pin Person 3", pressed=True).count() == 1


def test_axe_finds_nothing(among):
    """In the grid, the speaker view, with a pin, and with toasts."""
    ann = among(5, viewport=DESKTOP)
    ann.page.evaluate(ANNOUNCE, ["joined", {"name": "Ben"}])
    assert axe_violations(ann.page) == set()
    ann.page.set_viewport_size(DESKTOP)
    ann.page.get_by_label("Pin Person 4").focus()
    ann.page.keyboard.press("Enter")
    assert axe_violations(ann.page) == set()


def test_two_people(among):
    """The other fills the stage; oneself floats, is moved by keys and the mouse, and hidden."""
    ann = among(2, viewport=DESKTOP)
    until(lambda: large(ann) == "Person 2", 30, ann.page)
    [stage] = boxes(ann, "#places")
    [other] = boxes(ann, ".tile:not(.own)")
    assert (other["width"], other["height"]) == (stage["width"], stage["height"])
    middle = stage["x"] + stage["width"] / 2, stage["y"] + stage["height"] / 2

    def corner():
        [own] = boxes(ann, ".tile.own")
        assert overlapping([own], boxes(ann, ".tile:not(.own) .caption")) == []
        return (own["y"] > middle[1], own["x"] > middle[0])

    assert corner() == (True, True)
    move = ann.button("Move own picture to another corner")
    move.focus()
    for key, expected in (
        ("ArrowUp", (False, True)),
        ("ArrowLeft", (False, False)),
        ("ArrowDown", (True, False)),
        ("Enter", (False, False)),
    ):
        ann.page.keyboard.press(key)
        assert corner() == expected
    [own] = boxes(ann, ".tile.own")
    ann.page.mouse.move(own["x"] + own["width"] / 2, own["y"] + own["height"] / 2)
    ann.page.mouse.down()
    ann.page.mouse.move(middle[0] + 300, middle[1] + 200, steps=5)
    ann.page.mouse.up()
    assert corner() == (True, True)
    assert axe_violations(ann.page) == set()
    ann.page.set_viewport_size(DESKTOP)
    ann.page.locator(".tile.own").hover()
    ann.button("Hide own picture").click()
    assert boxes(ann, ".tile.own") == []
    ann.button("Layout").click()
    ann.page.get_by_role("menuitemcheckbox", name="Show own picture").click()
    assert corner() == (True, True)


def test_screen_is_large_and_can_be_zoomed(visitor):
    """It says whose it is, fills the screen by a button, and is zoomed and moved by keys."""
    ann, ben = visitor("Ann"), visitor("Ben", viewport=DESKTOP)
    for person in (ann, ben):
        person.page.set_default_timeout(PATIENCE)
        person.open().join()
    until(lambda: ben.names() == ["Ann"], 30, ben.page)
    ann.share()
    screen = ben.page.get_by_label("Screen of Ann")
    screen.wait_for()
    ben.page.get_by_role("figure").get_by_text("Screen of Ann").wait_for()
    [frame], [stage] = boxes(ben, ".frame"), boxes(ben, "#places")
    assert frame["width"] * frame["height"] > stage["width"] * stage["height"] / 2
    assert overlapping([frame], boxes(ben, ".tile, button")) == []
    scale = "video => new DOMMatrix(getComputedStyle(video).transform).a"
    ben.button("Larger").click()
    assert screen.evaluate(scale) == pytest.approx(1.5)
    screen.focus()
    ben.page.keyboard.press("+")
    assert screen.evaluate(scale) == pytest.approx(2.25)
    before = screen.bounding_box()["x"]
    ben.page.keyboard.press("ArrowRight")
    assert screen.bounding_box()["x"] == before - 60
    ben.page.keyboard.press("0")
    assert screen.evaluate(scale) == 1
    assert axe_violations(ben.page) == set()
    ben.page.set_viewport_size(DESKTOP)
    ben.button("Full screen").click()
    ben.button("Leave full screen").wait_for()
    assert ben.page.evaluate("document.fullscreenElement.textContent").count("Screen of Ann") == 1
    ben.button("Leave full screen").click()
    ben.button("Full screen").wait_for()
    ben.page.get_by_label("Pin Ann").focus()
    ben.page.keyboard.press("Enter")
    assert large(ben) == "Ann"
    screen.wait_for(state="hidden")
    ben.page.locator("#screen-choices").get_by_role("button", name="Ann").click()
    screen.wait_for()


def test_toasts_end_with_the_call(among):
    """What was said about the call is not shown beside the page after it."""
    ann = among(3)
    ann.page.evaluate(ANNOUNCE, ["joined", {"name": "Ben"}])
    assert boxes(ann, ".toast")
    ann.button("Leave call").click()
    ann.see("You left the call", within=30)
    assert boxes(ann, ".toast") == []


def large(person):
    """Return who is shown large."""
    return person.page.locator("[data-role=large] .name").inner_text()


def shown(person):
    """Return the names on the page of tiles that is shown."""
    names = person.page.locator(".tile:not([hidden]) .name").all_inner_texts()
    return [re.sub(r" \(you\)$", "", name) for name in names]
