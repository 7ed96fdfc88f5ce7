"""Pages on different nodes see each other, also after a node was killed."""

import time

import pytest

from tests.e2e.test_media import SMALL, all_decoded
from tests.e2e.visitors import until
from tests.patience import in_time

CLOSED = "connections.filter((each) => each.connectionState === 'closed').length"


def test_killed_node(visitor_at, cluster, meeting):
    """Both decode each other within 10 s; those of a killed node are back within 15 s."""
    first, second = cluster.hpbs
    ann = visitor_at("Ann", first, viewport=SMALL)
    ben = visitor_at("Ben", second, viewport=SMALL)
    took = until(lambda: all_decoded([ann, ben]), 60, ann.page)
    print(f"two nodes: all pictures {took:.1f} s after the last joined")
    in_time(took, 10)
    first.kill()
    begun = time.monotonic()
    try:
        # Ann publishes and receives anew, and Ben receives anew.
        until(lambda: _closed(ann) >= 2 and _closed(ben) >= 1, 60, ann.page)
        until(lambda: all_decoded([ann, ben]), 60, ann.page)
        took = time.monotonic() - begun
        print(f"killed node: everybody is back after {took:.1f} s")
        in_time(took, 15)
        assert meeting.in_call() == ["Ann", "Ben"]
        assert len(cluster.calls(meeting.token)) == 1
    finally:
        first.start()


@pytest.mark.nightly
def test_killed_nats(visitor_at, cluster):
    """Pictures go on while NATS is down, and what changed meanwhile is shown once it is back."""
    ann = visitor_at("Ann", cluster.hpbs[0], viewport=SMALL)
    ben = visitor_at("Ben", cluster.hpbs[1], viewport=SMALL)
    until(lambda: all_decoded([ann, ben]), 60, ann.page)
    cluster.nats.kill()
    try:
        before = ann.decoded()["Ben"]
        ann.page.wait_for_timeout(3000)
        assert ann.decoded()["Ben"] > before + 3
        ben.button("Leave call").click()
        ann.page.wait_for_timeout(1000)
    finally:
        cluster.nats.start()
    took = until(lambda: ann.names() == [], 30, ann.page)
    print(f"killed NATS: the list is right {took:.1f} s after it was back")


def _closed(person) -> int:
    return int(person.page.evaluate(CLOSED))
