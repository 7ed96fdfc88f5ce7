// What the page is told of the connections to others.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Monitor } from "../../talk_calls/static/talk_calls/call/connections/monitor.js";

/** Return a monitor of one session "b", whose peer and clock the test sets, and what it told. */
function monitored({ peer, hasRelay = false } = {}) {
  const told = { now: 0, peer, changes: [] };
  told.monitor = new Monitor({
    peerOf: () => told.peer,
    hasRelay: () => hasRelay,
    onChange: (...change) => told.changes.push(change),
    now: () => told.now,
  });
  told.monitor.add("b");
  told.at = async (now, state) => {
    told.now = now;
    Object.assign(told, state);
    await told.monitor.check();
    return told.changes.splice(0);
  };
  return told;
}

const lossy = (counted) => [
  { id: "1", type: "inbound-rtp", packetsLost: counted, packetsReceived: counted },
];

test("each change is told once", async (t) => {
  const told = monitored();
  t.after(() => told.monitor.close());
  assert.deepEqual(await told.at(1000), [["b", "connecting", null]]);
  assert.deepEqual(await told.at(2000), []);
  const peer = { state: "connected", isAnswered: true, report: async () => [] };
  assert.deepEqual(await told.at(3000, { peer }), [["b", "good", null]]);
  assert.deepEqual(await told.at(4000), []);
});

test("who never answers is unreachable, and no relay would help", async (t) => {
  const told = monitored({ peer: { state: "new", isAnswered: false } });
  t.after(() => told.monitor.close());
  await told.at(1000);
  assert.deepEqual(await told.at(15_000), [["b", "unreachable", null]]);
});

for (const hasRelay of [false, true])
  test(`to who answers without a connection a relay would help: ${!hasRelay}`, async (t) => {
    const told = monitored({ peer: { state: "failed", isAnswered: true }, hasRelay });
    t.after(() => told.monitor.close());
    const hint = hasRelay ? null : "no-turn";
    assert.deepEqual(await told.at(1000), [["b", "unreachable", hint]]);
  });

test("who sends nothing needs no connection, and has time for one later", async (t) => {
  const told = monitored({ peer: null });
  t.after(() => told.monitor.close());
  assert.deepEqual(await told.at(60_000), [["b", "good", null]]);
  assert.deepEqual(await told.at(61_000, { peer: undefined }), [["b", "connecting", null]]);
});

test("reports of loss make it weak, and those of an earlier peer do not count", async (t) => {
  let counted = 0;
  const peer = () => ({
    state: "connected",
    isAnswered: true,
    report: async () => lossy((counted += 100)),
  });
  const told = monitored({ peer: peer() });
  t.after(() => told.monitor.close());
  for (let now = 1; now <= 3; now++) await told.at(now);
  assert.deepEqual(await told.at(4, { peer: peer() }), []);
  for (let now = 5; now <= 8; now++) await told.at(now);
  assert.deepEqual(await told.at(9), [["b", "weak", null]]);
});
