"""The call page in a frame of another site: the test has a page there, as a host does."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, FrameLocator, Page

from tests.e2e.conftest import CHROMIUM, OPTIONS
from tests.e2e.site import OWNER, PASSWORD, Meeting, Site
from tests.e2e.test_media import all_decoded
from tests.e2e.visitors import WINDOW, until
from tests.pages import blocks
from tests.servers.ports import HOST


class EmbeddedSite(Site):
    """May be framed by other ports of its own name, which are one site with it, and by another."""

    settings = "tests.e2e.embedded_settings"


class HostPage(BaseHTTPRequestHandler):
    """The page of a host, with the frame of docs/integrate.md around the address in its query."""

    def do_GET(self) -> None:
        """Show the frame."""
        address = self.path.partition("?")[2]
        frame = blocks("integrate.md")["embedding-frame"].replace(
            "https://talk.example.org/call/demo", address
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>Host</title>{frame}".encode())

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a site that may be framed."""
    site = EmbeddedSite(f"sqlite:///{tmp_path_factory.mktemp('embedded')}/site.sqlite3")
    site.prepare()
    site.start()
    yield site
    site.stop()


@pytest.fixture(scope="module")
def host_port() -> Iterator[int]:
    """Return the port of the host's page."""
    server = ThreadingHTTPServer((HOST, 0), HostPage)
    threading.Thread(target=server.serve_forever).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def lenient(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """Return a tab of a browser that keeps cookies in frames of other sites, as many still do."""
    preferences = tmp_path / "Default" / "Preferences"
    preferences.parent.mkdir()
    lenient = {"cookie_controls_mode": 0, "block_third_party_cookies": False}
    preferences.write_text(json.dumps({"profile": lenient}))
    start = browser.browser_type.launch_persistent_context
    context = start(tmp_path, executable_path=CHROMIUM, args=OPTIONS, locale="en", viewport=WINDOW)
    yield context.new_page()
    context.close()


def framed(page: Page, name: str, port: int, meeting: Meeting) -> FrameLocator:
    """Open the host's page, at one of its names, around the call page of a meeting."""
    page.goto(f"http://{name}:{port}/?{meeting.link}")
    return page.frame_locator("iframe")


def join(frame: FrameLocator) -> None:
    """Join as a guest in the frame."""
    frame.get_by_label("Your name").fill("Ann")
    frame.get_by_role("button", name="Join call").click()
    frame.get_by_role("button", name="Leave call").wait_for()


@pytest.mark.parametrize("name", ["localhost", pytest.param(HOST, marks=pytest.mark.nightly)])
def test_a_guest_calls_from_the_page_of_a_host(visitor, lenient, embedded, host_port, name):
    """Cookies, camera, microphone and screen work there, within one site and across two."""
    meeting = embedded.converse()
    frame = framed(lenient, name, host_port, meeting)
    join(frame)
    ben = visitor("Ben")
    ben.meeting = meeting
    ben.page.goto(meeting.link)
    ben.join()
    until(lambda: ben.names() == ["Ann"], 10, ben.page)
    until(lambda: all_decoded([ben]), 20, ben.page)
    frame.get_by_role("button", name="More").click()  # the frame is narrow
    frame.get_by_role("menuitem", name="Share screen").click()
    ben.page.get_by_label("Screen of Ann").wait_for()
    frame.get_by_role("button", name="Leave call").click()
    until(lambda: meeting.in_call() == ["Ben"], 5, ben.page)


def test_somebody_logs_in_once_for_all_pages(lenient, embedded, host_port):
    """The login leaves the frame, as no login page can be shown there; afterwards it is known."""
    meeting = embedded.converse()
    frame = framed(lenient, "localhost", host_port, meeting)
    frame.get_by_role("link", name="Log in instead").click()
    lenient.locator("[name=username]").fill(OWNER)
    lenient.locator("[name=password]").fill(PASSWORD)
    lenient.locator("[name=password]").press("Enter")
    lenient.get_by_role("button", name="Join call").wait_for()
    assert lenient.url == meeting.link
    frame = framed(lenient, "localhost", host_port, meeting)
    frame.get_by_role("button", name="Join call").wait_for()
    assert frame.get_by_label("Your name").count() == 0


def test_where_the_browser_keeps_no_cookies_the_call_has_its_own_window(
    browser, embedded, host_port
):
    """Within one site the call works all the same; across sites it offers a window."""
    page = browser.new_page(locale="en", base_url=embedded.address)
    page.context.grant_permissions(["camera", "microphone"])
    meeting = embedded.converse()
    join(framed(page, HOST, host_port, meeting))
    frame = framed(page, "localhost", host_port, meeting)
    frame.get_by_role("heading", name="This browser keeps no cookies here").wait_for()
    with page.context.expect_page() as opened:
        frame.get_by_role("link", name="Open a window of its own").click()
    opened.value.get_by_role("button", name="Join call").wait_for()
    assert opened.value.url == meeting.link
    page.context.close()


def test_a_script_of_another_site_uses_the_api(lenient, embedded, host_port):
    """A guest joins and polls by `fetch` from the host's page; any other host's is refused."""
    meeting = embedded.converse()
    api = f"{embedded.address}/ocs/v2.php/apps/spreed/api"
    script = blocks("integrate.md")["cors-fetch"].replace(
        "https://talk.example.org/ocs/v2.php/apps/spreed/api", api
    )
    steps = f"""async () => {{
        {script}
        const token = "{meeting.token}";
        await ask("POST", `v4/room/${{token}}/participants/active`);
        await ask("POST", `v4/call/${{token}}`, {{ flags: 3 }});
        const [roster] = await ask("GET", `v3/signaling/${{token}}`);
        await ask("PUT", `v4/call/${{token}}`, {{ flags: 1 }});
        const news = await ask("GET", `v3/signaling/${{token}}`);
        const refused = await ask("GET", "v4/room").catch((error) => error.message);
        return [roster.type, news.length, refused];
    }}"""
    framed(lenient, "localhost", host_port, meeting)
    assert lenient.evaluate(steps) == ["usersInRoom", 1, "Current user is not logged in"]
    assert len(meeting.in_call()) == 1
    framed(lenient, "other.localhost", host_port, meeting)
    with pytest.raises(Error, match="Failed to fetch"):
        lenient.evaluate(steps)


def test_nobody_frames_a_site_that_does_not_say_so(browser, site, embedded, host_port):
    """Neither any other site the one, nor anybody a site with the default."""
    page = browser.new_page()
    for name, meeting in (("other.localhost", embedded.converse()), ("localhost", site.converse())):
        frame = framed(page, name, host_port, meeting)
        page.wait_for_load_state("networkidle")
        assert frame.get_by_role("button", name="Join call").count() == 0
        assert page.frames[1].url.startswith("chrome-error://")
    page.close()
