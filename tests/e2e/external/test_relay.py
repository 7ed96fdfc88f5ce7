"""Pages that reach nobody directly send and receive through the TURN server."""

import pytest

from tests.e2e.external.conftest import USUAL, with_servers
from tests.e2e.external.servers import Setup
from tests.e2e.test_media import SMALL, all_decoded
from tests.e2e.visitors import until
from tests.patience import in_time

#: As on a network whose firewall lets nothing through.
RELAY_ONLY = """
const Direct = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Direct {
  constructor(options) { super({ ...options, iceTransportPolicy: "relay" }); }
};
"""

#: What a tile says of somebody to whom there is no connection.
LOST = "Cannot be reached"

#: The types of our candidates that the connections use.
TYPES = """async () => {
  const types = [];
  for (const connection of connections) {
    const stats = await connection.getStats();
    const pairs = [...stats.values()].filter((each) => each.type === "candidate-pair");
    for (const { nominated, state, localCandidateId } of pairs)
      if (nominated && state === "succeeded") types.push(stats.get(localCandidateId).candidateType);
  }
  return types;
}"""


# The TURN server of tests relays within the loopback interface, where Janus is not.
relayed = pytest.mark.parametrize(
    "servers", [with_servers(Setup(USUAL.release, sfu=False, relay=True))], indirect=True
)


@relayed
def test_relay_only(visitor):
    """Pictures come within 10 s, and every connection is relayed."""
    ann, ben = visitor("Ann", viewport=SMALL), visitor("Ben", viewport=SMALL)
    for person in (ann, ben):
        person.context.add_init_script(RELAY_ONLY)
        person.open().join()
    in_time(until(lambda: all_decoded([ann, ben]), 60, ann.page), 10)
    assert set(ann.page.evaluate(TYPES) + ben.page.evaluate(TYPES)) == {"relay"}


@relayed
@pytest.mark.nightly
def test_killed_relay(visitor, servers, meeting):
    """Who needs it has no media until it is back, and is told so; nobody leaves the call."""
    ann, ben = visitor("Ann", viewport=SMALL), visitor("Ben", viewport=SMALL)
    for person in (ann, ben):
        person.context.add_init_script(RELAY_ONLY)
        person.open().join()
    until(lambda: all_decoded([ann, ben]), 60, ann.page)
    servers.relay.kill()
    try:
        for person, other in ((ann, "Ben"), (ben, "Ann")):
            until(lambda p=person, o=other: LOST in p.state_of(o), 15, ann.page)
        ann.page.wait_for_timeout(20_000)  # connections fail, and are tried again
        assert meeting.in_call() == ["Ann", "Ben"]
    finally:
        servers.relay.start()
    took = until(lambda: LOST not in ann.state_of("Ben") + ben.state_of("Ann"), 60, ann.page)
    until(lambda: all_decoded([ann, ben]), 10, ann.page)
    print(f"killed relay: connected {took:.1f} s after it was back")
