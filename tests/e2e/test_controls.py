"""The controls around the call: shortcuts, the toolbar, reactions, timer, wake lock, invitation."""

import re

import pytest

from tests.e2e.visitors import PHONE, until

#: Pages are slow where several browsers share a processor.
PATIENCE = 30

FOCUSED = "() => document.activeElement.textContent.trim()"

#: Keeps the locks that the page asks for.
FAKE_WAKE_LOCK = """
globalThis.locks = [];
const request = async () => {
  const lock = { released: false, release: async () => { lock.released = true; } };
  locks.push(lock);
  return lock;
};
Object.defineProperty(navigator, "wakeLock", { value: { request } });
"""

#: Keeps what the page shares, or fails as when the user closes the choice.
FAKE_SHARE = """
globalThis.shared = [];
navigator.share = async (what) => {
  shared.push(what);
  if (globalThis.shareFails) throw new DOMException("", shareFails);
};
"""


def tab_to_toolbar(visitor) -> None:
    """Press the Tab key until a button of the toolbar has the focus."""
    for _ in range(10):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate("Boolean(document.activeElement.closest('#toolbar'))"):
            return
    raise AssertionError("the Tab key does not reach the toolbar")


def is_on(visitor, name: str) -> bool:
    """Tell whether the button says that pressing it switches something off."""
    return visitor.button(name).is_visible()


def test_shortcuts(visitor):
    """A letter presses the button of the toolbar."""
    ann = visitor("Ann").open().join()
    press = ann.page.keyboard.press
    for key, before, after in (
        ("m", "Mute", "Unmute"),
        ("v", "Turn camera off", "Turn camera on"),
        ("h", "Raise hand", "Lower hand"),
        ("s", "Share screen", "Stop sharing"),
    ):
        ann.button(before).wait_for()
        press(key)
        ann.button(after).wait_for()
        press(key)
        ann.button(before).wait_for()
    press("Control+m")
    press("Shift+m")
    ann.page.wait_for_timeout(300)
    assert is_on(ann, "Mute")


def test_shortcuts_can_be_switched_off(visitor):
    """Somebody who dictates, or presses keys by accident, has none; the choice stays."""
    ann = visitor("Ann").open().join()
    ann.page.keyboard.press("?")
    ann.page.get_by_role("heading", name="Keyboard shortcuts").wait_for()
    ann.page.keyboard.press("m")  # the dialog is open
    ann.page.get_by_label("Use shortcuts").uncheck()
    ann.button("Close").click()
    ann.page.keyboard.press("m")
    ann.page.keyboard.press("?")
    ann.page.wait_for_timeout(300)
    assert is_on(ann, "Mute")
    ann.page.reload()
    ann.join()
    ann.page.keyboard.press("m")
    ann.page.wait_for_timeout(300)
    assert is_on(ann, "Mute")
    ann.button("More").click()
    ann.page.get_by_role("menuitem", name="Keyboard shortcuts").click()
    ann.page.get_by_label("Use shortcuts").check()
    ann.button("Close").click()
    ann.page.keyboard.press("m")
    ann.button("Unmute").wait_for()


def test_letters_are_typed_into_fields(visitor):
    """A name with an M in it switches nothing."""
    ann = visitor("Ann").open()
    ann.button("Join call").wait_for()
    ann.page.get_by_label("Your name").focus()
    ann.page.keyboard.type("Mav")
    ann.page.wait_for_timeout(300)
    assert ann.page.get_by_label("Your name").input_value().endswith("Mav")
    assert is_on(ann, "Mute")
    assert is_on(ann, "Turn camera off")


def test_push_to_talk(visitor):
    """Who is muted talks while the space bar is held, and no longer."""
    ann = visitor("Ann").open().join()
    keyboard = ann.page.keyboard
    keyboard.down(" ")
    keyboard.up(" ")
    assert is_on(ann, "Mute")  # who is not muted stays so
    ann.button("Mute").click()  # and the button keeps the focus
    ann.button("Unmute").wait_for()
    keyboard.down(" ")
    ann.button("Mute").wait_for()
    keyboard.down(" ")  # as a held key repeats
    assert is_on(ann, "Mute")
    keyboard.up(" ")
    ann.button("Unmute").wait_for()
    keyboard.down(" ")
    ann.button("Mute").wait_for()
    ann.page.evaluate("dispatchEvent(new Event('blur'))")
    ann.button("Unmute").wait_for()


def test_space_presses_the_button_that_the_keyboard_reached(visitor):
    """Who goes through the toolbar by keyboard presses its buttons."""
    ann = visitor("Ann").open().join()
    tab_to_toolbar(ann)
    ann.page.keyboard.press(" ")
    ann.button("Unmute").wait_for()
    ann.page.keyboard.press(" ")
    ann.button("Mute").wait_for()


def test_toolbar_by_arrows(visitor):
    """The toolbar is one stop of the Tab key, and remembers where one was."""
    ann = visitor("Ann").open().join()
    press = ann.page.keyboard.press
    tab_to_toolbar(ann)
    names = [ann.page.evaluate(FOCUSED)]
    while len(names) < 2 or names[-1] != names[0]:
        press("ArrowRight")
        names.append(ann.page.evaluate(FOCUSED))
    wanted = ["Mute", "Turn camera off", "Share screen", "Raise hand", "React", "People", "More"]
    assert [name for name in names if name in wanted] == [*wanted, "Mute"]
    press("End")
    assert ann.page.evaluate(FOCUSED) == "Leave call"
    press("Home")
    press("ArrowRight")
    reached = ann.page.evaluate(FOCUSED)
    press("Tab")
    press("Shift+Tab")
    assert ann.page.evaluate(FOCUSED) == reached


def test_reaction(visitor):
    """It appears on the tile of who sent it, is read aloud, and goes."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: ann.names() == ["Ben"] and ben.names() == ["Ann"], PATIENCE, ben.page)
    ann.button("React").click()
    ann.page.get_by_role("menuitem", name="Applause").click()
    ann.tile("Ann").locator(".reaction", has_text="👏").wait_for()
    ben.tile("Ann").locator(".reaction", has_text="👏").wait_for(timeout=PATIENCE * 1000)
    until(lambda: "Ann: 👏" in ben.page.inner_text("#reaction-log"), PATIENCE, ben.page)
    until(lambda: ben.page.locator(".reaction").count() == 0, PATIENCE, ben.page)


def test_reacting_takes_the_permission(visitor, meeting):
    """Without it there is no button; the hand is in the menu "More" where it has no other place."""
    ann = visitor("Ann").open().join()
    react, hand = ann.page.locator("#react"), ann.page.locator("#hand")
    react.wait_for(timeout=PATIENCE * 1000)
    meeting.permit(511 - 256)
    react.wait_for(state="hidden", timeout=PATIENCE * 1000)
    assert hand.is_visible()
    ann.page.set_viewport_size({"width": 360, "height": 640})
    hand.wait_for(state="hidden", timeout=PATIENCE * 1000)
    ann.button("More").click()
    ann.page.get_by_role("menuitem", name="Raise hand").wait_for(timeout=PATIENCE * 1000)
    ann.page.keyboard.press("Escape")
    meeting.permit(511)
    react.wait_for(timeout=PATIENCE * 1000)


def test_reactions_are_bounded(visitor):
    """A client that sends what it likes shows no text, and no more than some emoji."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: ann.names() == ["Ben"] and ben.names() == ["Ann"], PATIENCE, ben.page)
    ben.page.evaluate(
        """() => {
          globalThis.most = 0;
          globalThis.texts = [];
          new MutationObserver(() => {
            const shown = [...document.querySelectorAll(".reaction")];
            most = Math.max(most, shown.length);
            texts.push(...shown.map((each) => each.textContent));
          }).observe(document.body, { childList: true, subtree: true });
        }"""
    )
    ann.page.evaluate(SEND_REACTIONS, ["You are hacked"] + ["🎉"] * 40)
    until(lambda: ben.page.evaluate("most") > 0, PATIENCE, ben.page)
    ann.page.wait_for_timeout(1000)
    assert ben.page.evaluate("most") <= 8
    assert set(ben.page.evaluate("texts")) == {"🎉"}


#: Sends messages as the page does, without its limits.
SEND_REACTIONS = """async (reactions) => {
  const config = JSON.parse(document.getElementById("call-config").textContent);
  const headers = {
    "OCS-APIRequest": "true",
    Accept: "application/json",
    "Content-Type": "application/json",
    "X-Talk-Calls-Window": sessionStorage.getItem("talk-calls-window"),
  };
  const ask = async (method, path, data) => {
    const body = data && JSON.stringify(data);
    const answer = await fetch(config.api + path, { method, headers, body });
    return (await answer.json()).ocs.data;
  };
  const own = (await ask("GET", `v4/room/${config.token}`)).sessionId;
  const callers = await ask("GET", `v4/call/${config.token}`);
  const [to] = callers.map(({ sessionId }) => sessionId).filter((session) => session !== own);
  const items = reactions.map((reaction) => {
    const message = { to, type: "reaction", roomType: "video", payload: { reaction } };
    return { ev: "message", fn: JSON.stringify(message), sessionId: own };
  });
  await ask("POST", `v3/signaling/${config.token}`, { messages: JSON.stringify(items) });
}"""


def test_timer_is_that_of_the_call(visitor):
    """Who comes later sees how long the call has been going on, not how long they are in it."""
    ann = visitor("Ann").open().join()
    until(lambda: seconds(ann) >= 3, PATIENCE, ann.page)
    ben = visitor("Ben").open().join()
    assert abs(seconds(ann) - seconds(ben)) <= 2
    assert seconds(ben) >= 3
    ann.button("Leave call").click()
    assert ann.page.get_by_role("timer").count() == 0


def seconds(visitor) -> int:
    shown = visitor.page.get_by_role("timer").inner_text()
    assert re.fullmatch(r"\d+:\d\d", shown)
    minutes, rest = shown.split(":")
    return int(minutes) * 60 + int(rest)


def test_screen_stays_on(visitor):
    """The page holds a wake lock from the start of the call to its end."""
    ann = visitor("Ann")
    ann.context.add_init_script(FAKE_WAKE_LOCK)
    ann.open()
    ann.button("Join call").wait_for()
    assert ann.page.evaluate("locks.length") == 0
    ann.join()
    until(lambda: ann.page.evaluate("locks.map((each) => each.released)") == [False], 5, ann.page)
    ann.page.evaluate("locks[0].released = true")  # as browsers do when the page is hidden
    ann.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until(lambda: ann.page.evaluate("locks.length") == 2, 5, ann.page)
    ann.button("Leave call").click()
    until(lambda: ann.page.evaluate("locks[1].released"), 5, ann.page)


@pytest.mark.parametrize("error", [None, "AbortError", "NotAllowedError"])
def test_invitation_is_shared(visitor, meeting, error):
    """A device that shares links is asked to; if it may not, the link is copied."""
    ann = visitor("Ann")
    ann.context.add_init_script(FAKE_SHARE)
    ann.open().join()
    ann.page.evaluate("(error) => { globalThis.shareFails = error; }", error)
    ann.button("Invite").click()
    wanted = {"title": "Weekly meeting", "url": meeting.link}
    assert ann.page.evaluate("shared") == [wanted]
    copied = ann.page.get_by_text("The link was copied.")
    if error == "NotAllowedError":
        copied.first.wait_for()
    else:
        ann.page.wait_for_timeout(300)
        assert copied.count() == 0


def test_invitation_is_copied(visitor, meeting):
    """Where nothing shares links, the link is copied: from the menu, too."""
    ann = visitor("Ann")
    ann.context.add_init_script("delete Navigator.prototype.share;")
    ann.open().join()
    ann.button("More").click()
    ann.page.get_by_role("menuitem", name="Invite").click()
    ann.page.get_by_text("The link was copied.").first.wait_for()
    assert ann.page.evaluate("navigator.clipboard.readText()") == meeting.link


def test_sounds_are_a_choice(visitor):
    """Who joins is heard, unless sounds are switched off, which is remembered."""
    ann = visitor("Ann")
    ann.context.add_init_script(COUNT_NOTES)
    ann.open().join()
    ben = visitor("Ben").open().join()
    until(lambda: ann.page.evaluate("notes") == 2, PATIENCE, ann.page)
    ann.button("More").click()
    ann.page.get_by_role("menuitemcheckbox", name="Sounds", checked=True).click()
    ben.button("Leave call").click()
    until(lambda: ann.names() == [], PATIENCE, ann.page)
    assert ann.page.evaluate("notes") == 2
    ann.page.reload()
    ann.join()
    ann.button("More").click()
    ann.page.get_by_role("menuitemcheckbox", name="Sounds", checked=False).wait_for()


#: Counts the notes that the page plays.
COUNT_NOTES = """
globalThis.notes = 0;
const Native = OscillatorNode;
globalThis.OscillatorNode = class extends Native {
  start(...given) { notes += 1; super.start(...given); }
};
"""


def test_picture_in_picture_follows_who_is_seen(visitor):
    """The small window shows the other person, and closes with the call."""
    ann = visitor("Ann")
    ann.context.add_init_script(FAKE_PICTURE_IN_PICTURE)
    ann.open().join()
    ben = visitor("Ben").open().join()
    until(lambda: ann.names() == ["Ben"], PATIENCE, ann.page)
    ann.button("More").click()
    ann.page.get_by_role("menuitemcheckbox", name="Picture in picture", checked=False).click()
    shown = "() => opened.srcObject?.getVideoTracks()[0].id"
    track = "(name) => document.querySelector(name).srcObject.getVideoTracks()[0].id"
    until(lambda: ann.page.evaluate("globalThis.opened"), PATIENCE, ann.page)
    assert ann.page.evaluate(shown) == ann.page.evaluate(track, ".tile:not(.own) video")
    ben.button("Leave call").click()
    own = ann.page.evaluate(track, ".tile.own video")
    until(lambda: ann.page.evaluate(shown) == own, PATIENCE, ann.page)
    ann.button("Leave call").click()
    until(lambda: not ann.page.evaluate("opened.isConnected"), PATIENCE, ann.page)


#: Keeps the video of which the page makes a small window.
FAKE_PICTURE_IN_PICTURE = """
Object.defineProperty(document, "pictureInPictureEnabled", { value: true });
HTMLVideoElement.prototype.requestPictureInPicture = async function () {
  globalThis.opened = this;
};
"""


def test_phone_has_everything_in_a_menu(visitor):
    """What the narrow toolbar has no place for is in its menus."""
    ann = visitor("Ann", viewport=PHONE).open().join()
    assert not ann.button("Share screen").is_visible()
    ann.button("React").click()
    ann.page.get_by_role("menuitem", name="Raise hand").click()
    until(lambda: "hand raised" in ann.state_of("Ann"), 5, ann.page)
    ann.button("More").click()
    ann.page.get_by_role("menuitem", name="Share screen").click()
    ann.page.get_by_text("You share your screen.").first.wait_for()
    ann.button("More").click()
    ann.page.get_by_role("menuitem", name="Stop sharing").click()
