"""Failures are survived, or have effects within a bound."""

import signal
import time

from tests.e2e.test_media import all_decoded
from tests.e2e.visitors import until

#: The session timeout, and at most one poll.
TIMEOUT = 30 + 25 + 2


def test_killed_tab_disappears(visitor, meeting):
    """A killed tab is marked as lost, and removed after the session timeout and one poll."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: all_decoded([ann, ben]), 10, ann.page)
    ben.crash()
    took = until(lambda: "Cannot be reached" in ann.state_of("Ben"), 20, ann.page)
    print(f"killed tab: said to be lost after {took:.1f} s")
    took += until(lambda: ann.names() == [], TIMEOUT - took, ann.page)
    print(f"killed tab: gone after {took:.1f} s")
    assert meeting.in_call() == ["Ann"]


def test_server_restart_is_survived(visitor, site, meeting):
    """While the server is killed and restarted media continue, and signaling works after it."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: all_decoded([ann, ben]), 10, ann.page)
    site.stop(signal.SIGKILL)
    ann.page.get_by_text("The connection is lost.").wait_for(timeout=5000)
    before = ann.decoded()["Ben"]
    until(lambda: ann.decoded()["Ben"] > before + 10, 10, ann.page)
    site.start()
    begun = time.monotonic()
    for person in (ann, ben):
        person.page.get_by_text("The connection is lost.").wait_for(state="hidden", timeout=40_000)
    print(f"restart: both are back {time.monotonic() - begun:.1f} s after it")
    late = visitor("Late").open().join()
    until(lambda: all_decoded([ann, ben, late]), 15, ann.page)
    assert meeting.in_call() == ["Ann", "Ben", "Late"]


def test_network_drop_is_survived(visitor):
    """After a short network failure a participant is in the call again, without a reload."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: all_decoded([ann, ben]), 10, ann.page)
    ben.context.set_offline(True)
    ben.page.get_by_text("The connection is lost.").wait_for(timeout=35_000)
    ben.context.set_offline(False)
    ben.page.get_by_text("The connection is lost.").wait_for(state="hidden", timeout=10_000)
    until(lambda: all_decoded([ann, ben]), 15, ann.page)


def test_long_outage_is_survived(visitor, site, meeting):
    """After an outage in which all sessions timed out, all are in the call again."""
    ann, ben = visitor("Ann").open().join(), visitor("Ben").open().join()
    until(lambda: all_decoded([ann, ben]), 10, ann.page)
    site.stop()
    ann.page.wait_for_timeout(31_000)
    site.start()
    until(lambda: meeting.in_call() == ["Ann", "Ben"], 40, ann.page)
    until(lambda: all_decoded([ann, ben]), 20, ann.page)
