"""Lost connections and servers that are killed are survived."""

import time

from tests.e2e.test_media import SMALL, all_decoded
from tests.e2e.visitors import until
from tests.patience import in_time

LOST = "The connection is lost."


def joined(visitor, *names):
    """Return visitors who decode each other."""
    people = [visitor(name, viewport=SMALL).open().join() for name in names]
    until(lambda: all_decoded(people), 20, people[0].page)
    return people


def test_lost_websocket(visitor, servers, meeting):
    """Within 10 s nobody notices; what was sent meanwhile arrives."""
    ann, ben = joined(visitor, "Ann", "Ben")
    for person in (ann, ben):
        person.page.get_by_role("log").get_by_text("joined").wait_for(state="detached")
    servers.gate.cut()
    try:
        ben.page.get_by_text(LOST).wait_for(timeout=5000)
        ann.page.keyboard.press("h")  # the window is small
        before = ann.decoded()["Ben"]
        ann.page.wait_for_timeout(10_000)
        assert ann.decoded()["Ben"] > before + 10
    finally:
        servers.gate.mend()
    until(lambda: "hand raised" in ben.state_of("Ann"), 10, ben.page)
    for person in (ann, ben):
        person.page.get_by_text(LOST).wait_for(state="hidden")
        assert person.page.get_by_role("log").get_by_text("left").count() == 0
        assert person.page.get_by_role("log").get_by_text("joined").count() == 0
    assert meeting.in_call() == ["Ann", "Ben"]


def test_killed_signaling_server(visitor, servers, meeting):
    """When it runs again everybody is back, in the same call."""
    ann, ben = joined(visitor, "Ann", "Ben")
    servers.hpb.kill()
    ann.page.get_by_text(LOST).wait_for(timeout=5000)
    servers.hpb.start()
    begun = time.monotonic()
    until(lambda: is_new(ann) and is_new(ben), 30, ann.page)
    took = time.monotonic() - begun
    print(f"killed server: everybody is back after {took:.1f} s")
    in_time(took, 15)
    assert meeting.in_call() == ["Ann", "Ben"]
    assert len(servers.site.calls(meeting.token)) == 1


def is_new(person):
    """Return whether a page has pictures over connections that it made anew."""
    closed = person.page.evaluate("connections.filter(c => c.connectionState === 'closed').length")
    frames = person.decoded()
    return closed >= 2 and len(frames) == 1 and min(frames.values()) > 0
