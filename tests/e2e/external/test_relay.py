"""Pages that reach nobody directly send and receive through the TURN server."""

import pytest

from tests.e2e.external.conftest import USUAL, with_servers
from tests.e2e.external.servers import Setup
from tests.e2e.test_media import SMALL, all_decoded
from tests.e2e.visitors import until

#: As on a network whose firewall lets nothing through.
RELAY_ONLY = """
const Direct = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Direct {
  constructor(options) { super({ ...options, iceTransportPolicy: "relay" }); }
};
"""

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
@pytest.mark.parametrize(
    "servers", [with_servers(Setup(USUAL.release, sfu=False, relay=True))], indirect=True
)
def test_relay_only(visitor):
    """Pictures come within 10 s, and every connection is relayed."""
    ann, ben = visitor("Ann", viewport=SMALL), visitor("Ben", viewport=SMALL)
    for person in (ann, ben):
        person.context.add_init_script(RELAY_ONLY)
        person.open().join()
    assert until(lambda: all_decoded([ann, ben]), 60, ann.page) < 10
    assert set(ann.page.evaluate(TYPES) + ben.page.evaluate(TYPES)) == {"relay"}
