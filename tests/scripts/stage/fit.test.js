// Which pictures are shown whole.

import assert from "node:assert/strict";
import { test } from "node:test";

import { fitOf } from "../../../talk_calls/static/talk_calls/call/stage/fit.js";

const picture = (width, height) => ({ width, height });

test("a picture that loses little fills the tile", () => {
  assert.equal(fitOf(picture(640, 480), picture(320, 180)), "cover");
  assert.equal(fitOf(picture(1280, 720), picture(320, 180)), "cover");
  assert.equal(fitOf(picture(1280, 720), picture(100, 100)), "cover");
});

test("portrait in landscape is shown whole, and landscape in portrait", () => {
  assert.equal(fitOf(picture(720, 1280), picture(320, 180)), "contain");
  assert.equal(fitOf(picture(1280, 720), picture(344, 480)), "contain");
});

test("a large picture loses no more at its sides than at its top", () => {
  assert.equal(fitOf(picture(1280, 720), picture(400, 400), { isLarge: true }), "contain");
});

test("before the first frame there is nothing to fit", () => {
  assert.equal(fitOf(picture(0, 0), picture(320, 180)), "cover");
});
