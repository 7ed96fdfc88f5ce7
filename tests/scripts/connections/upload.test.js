// Whether the upload is enough for a screen beside the camera.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  isLimited,
  UploadWatch,
} from "../../../talk_calls/static/talk_calls/call/connections/upload.js";

const rows = (available, reason) => [
  { type: "candidate-pair", nominated: true, availableOutgoingBitrate: available },
  { type: "candidate-pair", nominated: false, availableOutgoingBitrate: 9e6 },
  { type: "outbound-rtp", qualityLimitationReason: reason },
];
const SHORT = rows(300_000, "bandwidth");
const FINE = rows(5e6, "none");

test("a screen is limited if it is reduced and there is less than it wants", () => {
  assert.equal(isLimited(SHORT, 1e6), true);
  assert.equal(isLimited(rows(300_000, "none"), 1e6), false); // nothing moves on it
  assert.equal(isLimited(rows(5e6, "bandwidth"), 1e6), false); // we limit it ourselves
  assert.equal(isLimited(rows(300_000, "cpu"), 1e6), false);
  assert.equal(
    isLimited([{ type: "outbound-rtp", qualityLimitationReason: "bandwidth" }], 1e6),
    false,
  );
});

/** Return how often it was said to be short after checks with these reports. */
async function said(t, reports, { viewers = 4, isCameraOn = true } = {}) {
  let told = 0;
  let current;
  const peer = { isConnected: true, videoLimit: 1e6, report: async () => current };
  const watch = new UploadWatch({
    connections: { sessions: Array(viewers), screenPeers: Array(viewers).fill(peer) },
    isCameraOn: () => isCameraOn,
    onShort: () => (told += 1),
  });
  t.after(() => watch.stop());
  for (current of reports) await watch.check();
  return told;
}

const FIVE = Array(5).fill(SHORT);

test("it is said after it was short for a while", async (t) => {
  assert.equal(await said(t, FIVE), 1);
  assert.equal(await said(t, FIVE.slice(1)), 0);
  assert.equal(await said(t, [...FIVE.slice(1), FINE, ...FIVE.slice(1)]), 0);
});

test("it is not said to a few viewers, nor without a camera", async (t) => {
  assert.equal(await said(t, FIVE, { viewers: 2 }), 0);
  assert.equal(await said(t, FIVE, { isCameraOn: false }), 0);
});
