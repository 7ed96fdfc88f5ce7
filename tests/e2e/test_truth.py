"""A tile says how good the connection to its person is."""

from tests.e2e.test_media import all_decoded
from tests.e2e.visitors import until

#: Seconds after which nobody looks connected who is not, with time for a busy machine.
UNREACHABLE = 15 + 5

#: Reports of connections of which every second packet is lost, while ``isLossy``, else none.
LOSSY = """
globalThis.isLossy = true;
let [packetsLost, packetsReceived] = [0, 0];
RTCPeerConnection.prototype.getStats = async () => {
  packetsReceived += 100;
  if (isLossy) packetsLost += 100;
  return new Map([["all", { id: "all", type: "inbound-rtp", packetsLost, packetsReceived }]]);
};
"""


def connection_of(person, name):
    """Return what the tile of somebody says of the connection."""
    return person.tile(name).get_attribute("data-connection", timeout=60_000)


def test_somebody_who_never_answers(visitor, site, meeting):
    """A peer that speaks the API and not WebRTC is connecting, and then unreachable."""
    ann = visitor("Ann").open().join()
    site.ask("POST", f"v4/room/{meeting.token}/participants/active")
    site.ask("POST", f"v4/call/{meeting.token}", flags=7)
    assert connection_of(ann, "alice") == "connecting"
    took = until(lambda: connection_of(ann, "alice") == "unreachable", UNREACHABLE, ann.page)
    print(f"never answers: said after {took:.1f} s")
    assert "cannot be reached" in ann.state_of("alice")
    assert connection_of(ann, "Ann") == "good"


def test_lost_packets(visitor):
    """A connection that loses packets is weak, until it loses none any more."""
    ann, ben = visitor("Ann"), visitor("Ben")
    for person in (ann, ben):
        person.page.set_default_timeout(60_000)
    ann.context.add_init_script(LOSSY)
    ben.open().join()
    ann.open().join()
    until(lambda: all_decoded([ann, ben]), 60, ann.page)
    until(lambda: connection_of(ann, "Ben") == "weak", 30, ann.page)
    assert "weak connection" in ann.state_of("Ben")
    ann.page.evaluate("globalThis.isLossy = false")
    until(lambda: connection_of(ann, "Ben") == "good", 30, ann.page)
