// How large and how often pictures are captured and sent.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  captureFor,
  encodingFor,
  LEVELS,
  screenEncodingFor,
} from "../../talk_calls/static/talk_calls/call/connections/quality.js";

test("two people see each other in 720 lines, more people in fewer", () => {
  const heights = [0, 1, 2, 3, 4, 5, 6, 20].map((viewers) => captureFor(viewers).height.ideal);
  assert.deepEqual(heights, [720, 720, 360, 360, 270, 270, 180, 180]);
});

test("the camera is captured in full for several sizes at once", () => {
  assert.equal(captureFor("simulcast").height.ideal, 720);
});

test("all viewers together get no more than one alone", () => {
  for (const viewers of [1, 2, 3, 4, 5, 6, 8, 12]) {
    const { maxBitrate } = encodingFor({ viewers, height: 720 });
    assert.ok(maxBitrate * viewers <= LEVELS[0].maxBitrate, `${viewers}`);
  }
});

test("a viewer who shows the picture small gets a small one", () => {
  const encoding = (shownHeight) => encodingFor({ viewers: 1, height: 720, shownHeight });
  assert.equal(encoding(undefined).scaleResolutionDownBy, 1);
  assert.equal(encoding(900).scaleResolutionDownBy, 1);
  assert.equal(encoding(500).scaleResolutionDownBy, 1);
  assert.equal(encoding(440).scaleResolutionDownBy, 2);
  assert.equal(encoding(200).scaleResolutionDownBy, 4);
  assert.equal(encoding(200).maxBitrate, LEVELS.at(-1).maxBitrate);
});

test("a viewer who shows it large gets no more than the number of viewers allows", () => {
  const { scaleResolutionDownBy } = encodingFor({ viewers: 6, height: 180, shownHeight: 1000 });
  assert.equal(scaleResolutionDownBy, 1);
  assert.equal(encodingFor({ viewers: 6, height: 720, shownHeight: 1000 }).scaleResolutionDownBy, 4);
});

test("little is sent while connections are set up", () => {
  const encoding = encodingFor({ viewers: 1, height: 720, isSettling: true });
  assert.equal(encoding.scaleResolutionDownBy, 4);
  assert.ok(encoding.maxBitrate <= 100_000);
});

test("pictures are never scaled up, nor by an unknown height", () => {
  assert.equal(encodingFor({ viewers: 1, height: 480 }).scaleResolutionDownBy, 1);
  assert.equal(encodingFor({ viewers: 1, height: undefined }).scaleResolutionDownBy, 1);
});

test("a screen has 1080 lines at most, and the less for each viewer the more there are", () => {
  assert.equal(screenEncodingFor({ viewers: 1, height: 2160 }).scaleResolutionDownBy, 2);
  const rates = [0, 1, 2, 4, 8, 50].map((viewers) => screenEncodingFor({ viewers }).maxBitrate);
  assert.deepEqual(rates, [2e6, 2e6, 2e6, 1e6, 5e5, 4e5]);
});
