"""Microphones, cameras and speakers: chosen, remembered, unplugged, denied.

A machine with devices of any names is put below the page, whose scripts are as they are.
"""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.page_checks import axe_violations, overflow
from tests.e2e.visitors import PHONE, until

#: Names and ids of devices for the browser's own; a track has the device that was asked for.
MACHINE = """
const devices = [
  ["audioinput", "Desk microphone"], ["audioinput", "Headset"],
  ["videoinput", "Desk camera"], ["videoinput", "Webcam"],
  ["audiooutput", "Loudspeaker"], ["audiooutput", "Headset"],
].map(([kind, label]) => ({ kind, label, deviceId: `id of ${label}`, groupId: label }));
const tracks = [];
const machine = navigator.mediaDevices;
const native = machine.getUserMedia.bind(machine);
machine.enumerateDevices = async () => [...devices];
machine.getUserMedia = async (constraints) => {
  const ids = {};
  for (const kind of ["audio", "video"]) {
    const id = constraints[kind]?.deviceId?.exact;
    const there = devices.filter((device) => device.kind === `${kind}input`);
    const device = id ? there.find(({ deviceId }) => deviceId === id) : there[0];
    if (!constraints[kind]) continue;
    if (!device) throw new DOMException("", id ? "OverconstrainedError" : "NotFoundError");
    ids[kind] = device;
  }
  const asked = Object.fromEntries(Object.keys(ids).map((kind) => [kind, true]));
  const stream = await native(asked);
  for (const track of stream.getTracks()) {
    const device = ids[track.kind];
    Object.defineProperty(track, "label", { value: device.label });
    track.getSettings = () => ({ deviceId: device.deviceId });
    tracks.push(track);
  }
  return stream;
};
globalThis.plug = (kind, label) => {
  devices.push({ kind, label, deviceId: `id of ${label}`, groupId: label });
  machine.dispatchEvent(new Event("devicechange"));
};
globalThis.unplug = (label) => {
  for (const device of devices.filter((each) => each.label === label))
    devices.splice(devices.indexOf(device), 1);
  for (const track of tracks.filter((each) => each.label === label)) {
    track.stop();
    track.dispatchEvent(new Event("ended"));
  }
  machine.dispatchEvent(new Event("devicechange"));
};
"""

#: A browser that has to ask, and does not know what was answered.
UNASKED = "navigator.permissions.query = async () => { throw new TypeError(); };"
DENIED = """
MediaDevices.prototype.getUserMedia = async () => {
  throw new DOMException("Permission denied", "NotAllowedError");
};
"""
ASKING = "MediaDevices.prototype.getUserMedia = () => new Promise(() => {});"
TONE = """
MediaDevices.prototype.getUserMedia = async () => {
  const context = new AudioContext();
  const output = new MediaStreamAudioDestinationNode(context);
  const tone = new OscillatorNode(context);
  tone.connect(output);
  tone.start();
  return output.stream;
};
"""

WITHIN = 30  # seconds; a test machine may be busy


@pytest.fixture
def arrive(visitor):
    """Return a function that makes somebody who has not opened the page, with scripts below it."""

    def make(name, *scripts, **options):
        person = visitor(name, **options)
        person.page.set_default_timeout(WITHIN * 1000)
        for script in scripts:
            person.context.add_init_script(script)
        return person

    return make


@pytest.fixture
def ann(arrive):
    """Return Ann, whose machine has two of everything, before the call."""
    ann = arrive("Ann", MACHINE)
    ann.open().button("Join call").wait_for()
    # Both run, so the page knows their names.
    menu_button(ann, "Choose camera").get_by_text("Desk camera").wait_for()
    return ann


def menu_button(person, name):
    return person.page.get_by_role("button", name=re.compile(name)).locator("visible=true")


def pick(person, button, item):
    menu_button(person, button).click()
    person.page.get_by_role("menuitemradio", name=item).locator("visible=true").click()


def used(person, button):
    """Return what is checked in a menu, and close it."""
    menu_button(person, button).click()
    checked = person.page.locator(".menu [aria-checked=true]").all_inner_texts()
    person.page.keyboard.press("Escape")
    return checked


def menu_violations(page):
    """Return what axe finds; a change of the window would close the menu."""
    return [violation["id"] for violation in Axe().run(page).response["violations"]]


def told(person, text):
    person.page.get_by_role("log").get_by_text(text).wait_for()


def test_chosen_devices_are_used_and_remembered(ann):
    """What is chosen before the call is used in the call, and at the next visit."""
    pick(ann, "Choose microphone", "Headset")
    pick(ann, "Choose camera", "Webcam")
    pick(ann, "Choose speaker", "Headset")
    for _ in range(2):
        ann.join()
        assert used(ann, "Choose microphone and speaker") == ["Headset", "Headset"]
        assert used(ann, "Choose camera") == ["Webcam"]
        ann.page.reload()


def test_device_is_changed_in_the_call(ann, arrive):
    """A menu in the call changes the device; the others go on to see pictures."""
    ben = arrive("Ben").open().join()
    ann.join()
    until(lambda: ben.decoded().get("Ann", 0) > 0, WITHIN, ben.page)
    pick(ann, "Choose camera", "Webcam")
    assert used(ann, "Choose camera") == ["Webcam"]
    before = ben.decoded()["Ann"]
    until(lambda: ben.decoded()["Ann"] > before + 3, WITHIN, ben.page)


def test_off_is_remembered(ann):
    """Who switched both off, and joins again or comes back, has both off."""
    ann.button("Mute").click()
    ann.button("Turn camera off").click()
    ann.join()
    ann.button("Leave call").click()
    ann.button("Join again").click()
    ann.button("Unmute").wait_for()
    ann.page.reload()
    ann.button("Join call").wait_for()
    ann.button("Unmute").wait_for()
    ann.button("Turn camera on").click()
    ann.button("Turn camera off").wait_for()


def test_unplugged_and_plugged_in(ann):
    """In the call: the next device is taken, and a new one is offered."""
    ann.join()
    ann.page.evaluate("unplug('Desk microphone')")
    told(ann, "Desk microphone was unplugged; now Headset is used.")
    ann.page.evaluate("plug('audioinput', 'Other')")
    ann.page.get_by_text("Other was plugged in.").wait_for()
    assert axe_violations(ann.page) == set()
    ann.button("Use it").click()
    ann.page.get_by_text("Other was plugged in.").wait_for(state="hidden")
    until(lambda: "Other" in used(ann, "Choose microphone and speaker"), WITHIN, ann.page)


def test_menu_by_keyboard(ann):
    """Arrows, Home and End move; Escape and a press elsewhere close."""
    ann.join()
    button = menu_button(ann, "Choose microphone and speaker")
    focused = "() => document.activeElement.textContent.trim()"
    button.focus()
    ann.page.keyboard.press("ArrowUp")
    assert ann.page.evaluate(focused) == "Play a test sound"
    for key, name in (
        ("ArrowDown", "Desk microphone"),
        ("ArrowUp", "Play a test sound"),
        ("Home", "Desk microphone"),
        ("ArrowDown", "Headset"),
        ("End", "Play a test sound"),
    ):
        ann.page.keyboard.press(key)
        assert ann.page.evaluate(focused) == name
    ann.page.keyboard.press("Enter")
    assert ann.page.locator(".menu").count() == 1
    ann.page.keyboard.press("Escape")
    assert ann.page.locator(".menu").count() == 0
    assert ann.page.evaluate(focused) == "Choose microphone and speaker"
    button.click()
    assert button.get_attribute("aria-expanded") == "true"
    ann.page.locator("#stage").click(position={"x": 5, "y": 5})
    assert button.get_attribute("aria-expanded") == "false"


def test_menu_on_a_phone(ann):
    """An open menu is within the window, and nothing in it is serious for axe."""
    ann.page.set_viewport_size(PHONE)
    menu_button(ann, "Choose microphone").click()
    box = ann.page.locator(".menu").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    assert box["y"] + box["height"] <= PHONE["height"]
    assert menu_violations(ann.page) == []
    ann.page.keyboard.press("Escape")
    assert overflow(ann.page) <= 0


@pytest.mark.parametrize("locale", ["en", "de"])
def test_denial_is_explained_in_sight(arrive, locale):
    """On a phone the reason, the help and the button that joins are seen without scrolling."""
    ann = arrive("Ann", DENIED, UNASKED, viewport=PHONE, locale=locale)
    ann.open()
    help_text = ann.page.locator("#device-help")
    help_text.wait_for()
    bottom = ann.page.locator("#join").bounding_box()["y"]
    for shown in (ann.page.locator("#device-notes li").first, help_text):
        box = shown.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= bottom
    field = ann.page.locator("#name").bounding_box()
    assert field["y"] + field["height"] <= ann.page.locator(".join").bounding_box()["y"]
    assert bottom + 44 <= PHONE["height"]
    assert axe_violations(ann.page) == set()


def test_waiting_question_is_explained(arrive):
    """A question that nobody answers is explained, and one joins without an answer."""
    ann = arrive("Ann", ASKING, UNASKED)
    ann.open()
    ann.page.get_by_text("The browser asks whether").wait_for()
    ann.join()


def test_allowed_later(arrive):
    """After a denial "Try again" opens the devices."""
    ann = arrive("Ann", f"globalThis.before = MediaDevices.prototype.getUserMedia; {DENIED}")
    ann.open()
    ann.button("Try again").wait_for()
    ann.page.evaluate("() => void (MediaDevices.prototype.getUserMedia = before)")
    ann.button("Try again").click()
    ann.button("Mute").wait_for()
    assert ann.page.locator("#device-notes li").count() == 0


def test_speaking_while_muted(arrive):
    """Who speaks into a muted microphone is told."""
    ann = arrive("Ann", TONE)
    ann.open().join()
    ann.button("Mute").click()
    told(ann, "You speak, but your microphone is off.")
