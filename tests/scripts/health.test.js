// When a connection counts as good, weak or unreachable.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  Health,
  Measurement,
  UNREACHABLE_AFTER,
} from "../../talk_calls/static/talk_calls/call/connections/health.js";

const FINE = { loss: 0, roundTrip: 0.05 };
const LOSSY = { loss: 0.2, roundTrip: 0.05 };
const SLOW = { loss: 0, roundTrip: 1 };
const BETWEEN = { loss: 0.06, roundTrip: 0.5 };

/** Return a connected one. */
function connected() {
  const health = new Health(0);
  health.update("connected", 0);
  return health;
}

const judge = (health, ...reports) =>
  reports.map((report) => health.update("connected", 0, report));

test("who never connects is unreachable after a while, and not before", () => {
  const health = new Health(1000);
  assert.equal(health.update("new", 1000), "connecting");
  assert.equal(health.update("connecting", 999 + UNREACHABLE_AFTER), "connecting");
  assert.equal(health.update("connecting", 1000 + UNREACHABLE_AFTER), "unreachable");
  assert.ok(UNREACHABLE_AFTER <= 13_000); // and a look each second: within 15 s
});

test("who failed is unreachable at once, and stays so until connected", () => {
  const health = connected();
  assert.equal(health.update("disconnected", 10), "connecting");
  assert.equal(health.update("failed", 20), "unreachable");
  assert.equal(health.update("new", 30), "unreachable");
  assert.equal(health.update("connecting", 40), "unreachable");
  assert.equal(health.update("connected", 50), "good");
  assert.equal(health.update("disconnected", 60), "connecting");
  assert.equal(health.update("disconnected", 59 + UNREACHABLE_AFTER), "connecting");
  assert.equal(health.update("disconnected", 60 + UNREACHABLE_AFTER), "unreachable");
});

for (const [what, bad] of [
  ["loses packets", LOSSY],
  ["is slow", SLOW],
])
  test(`a connection that ${what} is weak, unless that was chance`, () => {
    assert.deepEqual(judge(connected(), bad, FINE, bad, bad), ["good", "good", "good", "weak"]);
  });

test("a weak connection is good again after several good reports in a row", () => {
  const health = connected();
  judge(health, LOSSY, LOSSY);
  assert.deepEqual(judge(health, FINE, FINE, LOSSY, FINE, FINE, FINE), [
    ...Array(5).fill("weak"),
    "good",
  ]);
});

test("what is neither bad nor good changes nothing", () => {
  const health = connected();
  assert.deepEqual(judge(health, BETWEEN, BETWEEN, BETWEEN), Array(3).fill("good"));
  judge(health, LOSSY, LOSSY);
  assert.deepEqual(judge(health, BETWEEN, BETWEEN, BETWEEN, BETWEEN), Array(4).fill("weak"));
});

const inbound = (packetsLost, packetsReceived, id = "1") => ({
  id,
  type: "inbound-rtp",
  packetsLost,
  packetsReceived,
});

test("the loss is that since the last report", () => {
  const measurement = new Measurement();
  assert.equal(measurement.read([inbound(500, 1000)]).loss, 0);
  assert.equal(measurement.read([inbound(510, 1090)]).loss, 0.1);
  assert.equal(measurement.read([inbound(510, 1190)]).loss, 0);
  // Packets that arrive late are no longer lost.
  assert.equal(measurement.read([inbound(500, 1290)]).loss, 0);
});

test("of a few packets the loss says nothing", () => {
  const measurement = new Measurement();
  measurement.read([inbound(0, 0)]);
  assert.equal(measurement.read([inbound(3, 3)]).loss, 0);
});

test("the worse direction and the longest round trip count", () => {
  const measurement = new Measurement();
  measurement.read([inbound(0, 0)]);
  const rows = [
    inbound(1, 99),
    { type: "remote-inbound-rtp", fractionLost: 0.3, roundTripTime: 0.2 },
    { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.25 },
    { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 },
    { type: "outbound-rtp" },
  ];
  assert.deepEqual(measurement.read(rows), { loss: 0.3, roundTrip: 0.25 });
  assert.deepEqual(new Measurement().read([]), { loss: 0, roundTrip: 0 });
});
