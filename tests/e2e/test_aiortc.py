"""Peers that are no browsers: the API alone is enough to call each other, and to call a page."""

from collections.abc import Callable, Iterator

import pytest

from tests.e2e.visitors import until

DARK, BRIGHT = 60, 200

#: By so much a codec may change a brightness; the page's own picture has neither.
ABOUT = 20


@pytest.fixture
def peer(site, meeting) -> Iterator[Callable]:
    """Return a function that lets a peer of some brightness join the call of the meeting."""
    from tests.e2e.peer import Peer, Stage

    stage, peers = Stage(), []

    def join(name: str, brightness: int) -> tuple[Peer, Stage]:
        peers.append(Peer(site.address, meeting.token, name, brightness))
        stage.run(peers[-1].join())
        return peers[-1], stage

    yield join
    for each in peers:
        stage.run(each.leave())
    stage.close()


@pytest.mark.package("aiortc")
def test_two_peers(peer, meeting):
    """Each decodes the other's picture, with no settings but those of the API."""
    dark, stage = peer("Dark", DARK)
    bright, _ = peer("Bright", BRIGHT)
    assert meeting.in_call() == ["Bright", "Dark"]
    for one, other in ((dark, BRIGHT), (bright, DARK)):
        [seen] = stage.run(one.until_seen(1, pictures=20, within=20))
        assert seen == pytest.approx(other, abs=ABOUT)
    assert dark.settings["signalingMode"] == "internal"


@pytest.mark.package("aiortc")
@pytest.mark.parametrize("first", ["page", pytest.param("peer", marks=pytest.mark.nightly)])
def test_a_page_and_a_peer(visitor, peer, first):
    """A browser and a peer see each other, in either order, and pictures keep coming."""
    if first == "page":
        page = visitor("Page").open().join()
        bright, stage = peer("Bright", BRIGHT)
    else:
        bright, stage = peer("Bright", BRIGHT)
        page = visitor("Page").open().join()
    until(lambda: page.decoded().get("Bright", 0) > 5, 20, page.page)
    stage.run(bright.until_seen(1, pictures=10, within=20))
    before = page.decoded()["Bright"]
    until(lambda: page.decoded()["Bright"] > before + 10, 20, page.page)
    assert page.names() == ["Bright"]
    picture = page.tile("Bright").locator("video").evaluate(BRIGHTNESS)
    assert picture == pytest.approx(BRIGHT, abs=2 * ABOUT)


#: How bright the picture is that a video shows, as a page would draw it.
BRIGHTNESS = """(video) => {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  [canvas.width, canvas.height] = [8, 8];
  context.drawImage(video, 0, 0, 8, 8);
  return context.getImageData(4, 4, 1, 1).data[0];
}"""


@pytest.mark.package("aiortc")
def test_a_peer_that_leaves(visitor, peer):
    """A peer that hangs up is removed from the page."""
    page = visitor("Page").open().join()
    bright, stage = peer("Bright", BRIGHT)
    until(lambda: page.names() == ["Bright"], 10, page.page)
    stage.run(bright._ask("DELETE", f"v4/call/{bright.token}"))
    until(lambda: page.names() == [], 5, page.page)
