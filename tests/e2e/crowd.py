"""Many people in a call whom only one page sees: what the page asks of the server names them.

They cost no browsers and no connections, as tests of the layout need neither.
"""

import json

from tests.e2e.visitors import Visitor

NAMES = [f"Person {number}" for number in range(2, 101)]

#: The server's answers with more people in them, and connections that connect nobody.
SCRIPT = """
{
  const person = (displayName, number) => ({ sessionId: `crowd-${number}`, displayName });
  const people = NAMES.map(person);
  const inCall = people.map((person) => ({ ...person, inCall: 1, participantPermissions: 510 }));
  const native = fetch;
  const added = {
    [String.raw`/v3/signaling/(?!settings)\\w+$`]: (data) => {
      for (const item of data) if (item.type === "usersInRoom") item.data.push(...inCall);
    },
    [String.raw`/v4/call/\\w+$`]: (data) => data.push(...people),
  };
  globalThis.fetch = async (url, request) => {
    const response = await native(url, request);
    const { pathname } = new URL(url, location.href);
    const [, add] = Object.entries(added).find(([path]) => pathname.match(path)) ?? [];
    if (!add || request.method !== "GET" || !response.ok) return response;
    const body = await response.json();
    add(body.ocs.data);
    return new Response(JSON.stringify(body), response);
  };
  globalThis.RTCPeerConnection = class extends EventTarget {
    connectionState = "new";
    iceConnectionState = "new";
    iceGatheringState = "new";
    signalingState = "stable";
    addTransceiver = () => ({ sender: { replaceTrack: async () => {} }, receiver: {} });
    addTrack = () => ({ replaceTrack: async () => {} });
    createDataChannel = () => Object.assign(new EventTarget(), { close() {} });
    createOffer = () => new Promise(() => {});
    setLocalDescription = () => new Promise(() => {});
    setRemoteDescription = async () => {};
    getSenders = () => [];
    getTransceivers = () => [];
    getStats = async () => new Map();
    close() {}
  };
}
"""


def with_crowd(visitor: Visitor, people: int) -> Visitor:
    """Let a visitor who has not opened the page see so many people there, of whom they are one."""
    names = json.dumps(NAMES[: people - 1])
    visitor.context.add_init_script(SCRIPT.replace("NAMES", names, 1))
    return visitor
