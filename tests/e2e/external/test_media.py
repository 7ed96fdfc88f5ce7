"""Everybody sees everybody through the servers, in pictures as large as they are shown."""

import pytest

from tests.e2e.external.conftest import USUAL, with_servers
from tests.e2e.external.servers import Setup
from tests.e2e.test_media import (
    NAMES,
    SMALL,
    all_decoded,
    test_camera_switched_on_later_is_seen,
    test_hand,
    test_mute_and_camera_reach_the_others,
    test_screen,
    test_speaking_is_shown,
)
from tests.e2e.visitors import until
from tests.patience import in_time

#: Tests of internal signaling that have to pass here as well.
__all__ = [
    "test_camera_switched_on_later_is_seen",
    "test_hand",
    "test_mute_and_camera_reach_the_others",
    "test_screen",
    "test_speaking_is_shown",
]

#: Seconds from joining to pictures of everybody.
BOUND = 10

#: How many connections the page has.
CONNECTIONS = "connections.filter((each) => each.connectionState === 'connected').length"

#: How high the pictures are that come from the only other person.
HEIGHT = """async () => {
  const video = document.querySelector(".tile:not(.own) video");
  const [track] = video?.srcObject?.getVideoTracks() ?? [];
  const receivers = connections.flatMap((connection) => connection.getReceivers());
  const stats = await receivers.find((receiver) => receiver.track === track)?.getStats() ?? [];
  return [...stats.values()].find(({ type }) => type === "inbound-rtp")?.frameHeight ?? 0;
}"""


#: A camera of low resolution: encoding four of the usual one in three sizes each, and decoding
#: twelve, takes more than the small machine of a test has.
LOW_RESOLUTION = """
const { getUserMedia } = MediaDevices.prototype;
MediaDevices.prototype.getUserMedia = function ({ video, ...others }) {
  const low = video && { width: 320, height: 240 };
  return getUserMedia.call(this, low ? { video: low, ...others } : others);
};
"""


@pytest.mark.parametrize(
    ("servers", "number"),
    [
        with_servers(USUAL, 2),
        with_servers(USUAL, 4),
        with_servers(Setup("trixie"), 2, nightly=True),
    ],
    indirect=["servers"],
)
def test_everybody_decodes_everybody(visitor, number, record_property):
    """Within 10 s pictures of every other are decoded, for which each page sends its own once."""
    people = [visitor(name, viewport=SMALL) for name in NAMES[:number]]
    for person in people:
        if number > 2:
            person.context.add_init_script(LOW_RESOLUTION)
        person.open()
    for person in people:
        person.join()
    took = until(lambda: all_decoded(people), 60, people[0].page)
    record_property(f"first pictures of {number}", took)
    print(f"{number} pages: all pictures {took:.1f} s after the last joined")
    in_time(took, BOUND)
    assert people[0].page.evaluate(CONNECTIONS) == number


@pytest.mark.parametrize(
    "servers",
    [
        with_servers(Setup("bookworm", sfu=False)),
        with_servers(Setup("sid", sfu=False), nightly=True),
    ],
    indirect=True,
)
def test_without_a_media_server(visitor):
    """Without one the pages connect to each other, also over the oldest server."""
    ann, ben = visitor("Ann", viewport=SMALL).open(), visitor("Ben", viewport=SMALL).open()
    ann.join()
    ben.join()
    took = until(lambda: all_decoded([ann, ben]), 60, ann.page)
    in_time(took, BOUND)
    assert ann.page.evaluate(CONNECTIONS) == 1
    ann.button("Mute").click()
    until(lambda: "microphone off" in ben.state_of("Ann"), 2, ben.page)


def test_pictures_are_as_large_as_their_tile(visitor):
    """A small tile gets the picture in a quarter of the size, a larger one a larger picture."""
    ann, ben = visitor("Ann", viewport=SMALL).open(), visitor("Ben", viewport=SMALL).open()
    ann.join()
    ben.join()
    until(lambda: all_decoded([ann, ben]), 20, ann.page)
    # Ann's browser sends 720, 360 and 180 lines, or fewer where encoding takes too long.
    until(lambda: 0 < ben.page.evaluate(HEIGHT) <= 180, 20, ben.page)
    ben.page.set_viewport_size({"width": 900, "height": 900})
    until(lambda: ben.page.evaluate(HEIGHT) > 180, 20, ben.page)
    ben.page.set_viewport_size(SMALL)
    until(lambda: 0 < ben.page.evaluate(HEIGHT) <= 180, 20, ben.page)
