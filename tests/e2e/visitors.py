"""People with a browser each, who see and do what people see and do."""

import json
import os
import re
import signal
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

from tests.e2e.site import OWNER, PASSWORD, Meeting
from tests.patience import TooLate

WINDOW = {"width": 800, "height": 500}
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 640}

#: Lets a test find the connection to which a tile's picture belongs; the page is as it is.
WATCH = """
globalThis.connections = [];
const Native = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Native {
  constructor(...given) { super(...given); connections.push(this); }
};
"""

#: For each other person: how many of their pictures were decoded.
DECODED = """async () => {
  const decoded = {};
  for (const tile of document.querySelectorAll(".tile:not(.own)")) {
    const [track] = tile.querySelector("video").srcObject.getVideoTracks();
    const receivers = connections.flatMap((connection) => connection.getReceivers());
    const stats = await receivers.find((receiver) => receiver.track === track)?.getStats();
    const frames = [...(stats?.values() ?? [])].map(({ framesDecoded }) => framesDecoded ?? 0);
    decoded[tile.querySelector(".name").textContent] = Math.max(0, ...frames);
  }
  return decoded;
}"""


def _profile(browser: Browser, meeting: Meeting, options: dict[str, Any]) -> BrowserContext:
    """Return a browser that nobody used before."""
    options = {"viewport": WINDOW, "locale": "en", **options}
    context = browser.new_context(base_url=meeting.site.address, **options)
    context.grant_permissions(["camera", "microphone", "clipboard-read", "clipboard-write"])
    context.add_init_script(WATCH)
    return context


class Visitor:
    """Somebody who opened the link of a conversation."""

    def __init__(
        self,
        browser: Browser,
        meeting: Meeting,
        name: str,
        *,
        beside: "Visitor | None" = None,
        **options: Any,
    ) -> None:
        """Open a browser, or one more window of the one that another visitor has."""
        self.name, self.meeting = name, meeting
        self.problems: list[str] = []
        #: For each other session, the ids of the connections of camera and microphone that were
        #: set up with it, by either side.
        self.attempts: dict[str, set[str]] = defaultdict(set)
        self._older = renderers(browser)
        self.context: BrowserContext = (
            beside.context if beside else _profile(browser, meeting, options)
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("pageerror", self._fail)
        self.page.on("console", self._listen)
        self.page.on("request", self._note_attempts)

    def _fail(self, error: Any) -> None:
        self.problems.append(str(error))

    def _listen(self, message: Any) -> None:
        """Keep what the page's own scripts complain about, or what its policy forbids."""
        if "talk_calls" in message.text or "Content Security Policy" in message.text:
            self.problems.append(message.text)

    def _note_attempts(self, request: Any) -> None:
        """Note the descriptions that the page sends by our own signaling."""
        if request.method != "POST" or "/v3/signaling/" not in request.url:
            return
        for item in json.loads(request.post_data_json["messages"]):
            message = json.loads(item["fn"])
            if message["type"] in {"offer", "answer"} and message["roomType"] == "video":
                self.attempts[message["to"]].add(message["sid"])

    def open(self) -> "Visitor":
        self.page.goto(self.meeting.link)
        return self

    def log_in(self, user: str = OWNER) -> "Visitor":
        """Be a user, if nobody else alice, who owns the conversation; all have one password."""
        self.page.goto(f"/accounts/login/?next=/call/{self.meeting.token}")
        self.page.locator("[name=username]").fill(user)
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.locator("[name=password]").press("Enter")
        self.button("Join call").wait_for()
        return self

    def ask_in(self) -> "Visitor":
        """Press the button, and wait for nothing."""
        self.button("Join call").wait_for()
        if self.page.get_by_label("Your name").count():
            self.page.get_by_label("Your name").fill(self.name)
        self.button("Join call").click()
        return self

    def join(self) -> "Visitor":
        self.ask_in().button("Leave call").wait_for()
        return self

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)

    def see(self, heading: str, within: float = 10) -> None:
        """Wait until the page shows this."""
        shown = self.page.get_by_role("heading", name=heading)
        shown.wait_for(timeout=within * 1000)

    def tile(self, name: str) -> Any:
        own = self.page.locator(".name", has_text=re.compile(f"^{re.escape(name)}"))
        return self.page.locator(".tile").filter(has=own)

    def names(self) -> list[str]:
        """Return whose tiles there are, but the own one."""
        return sorted(self.page.locator(".tile:not(.own) .name").all_inner_texts())

    def state_of(self, name: str) -> str:
        """Return what the tile says about a person, and about the connection to them."""
        return " ".join(self.tile(name).locator(".state, .connection").all_text_contents())

    def decoded(self) -> dict[str, int]:
        return dict(self.page.evaluate(DECODED))

    def choose(self, name: str, action: str) -> None:
        """Do something to somebody, by the menu beside their name in the list of people."""
        self.button(f"Actions for {name}").click()
        self.page.get_by_role("menuitem", name=action).click()

    def share(self) -> None:
        self.button("Share screen").click()

    def crash(self) -> None:
        """Kill the tab, and those of later visitors."""
        for process in renderers(self.context.browser) - self._older:
            os.kill(process, signal.SIGKILL)


def renderers(browser: Browser | None) -> set[int]:
    """Return the processes of all tabs."""
    assert browser
    devtools = browser.new_browser_cdp_session()
    processes = devtools.send("SystemInfo.getProcessInfo")["processInfo"]
    devtools.detach()
    return {process["id"] for process in processes if process["type"] == "renderer"}


def until(condition: Callable[[], Any], within: float, page: Page) -> float:
    """Wait for a condition, while the browsers go on; return how many seconds it took."""
    begun = time.monotonic()
    while True:
        result = condition()
        took = time.monotonic() - begun
        if result:
            return took
        if took > within:
            raise TooLate(f"not within {within} s")
        page.wait_for_timeout(100)
