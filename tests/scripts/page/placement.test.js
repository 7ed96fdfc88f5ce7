// Where a menu opens.

import assert from "node:assert/strict";
import { test } from "node:test";

import { placement } from "../../../talk_calls/static/talk_calls/call/page/placement.js";

const VIEW = { width: 360, height: 640 };
const MENU = { width: 200, height: 300 };
const button = (left, top) => ({ left, top, right: left + 44, bottom: top + 44 });

test("below its button where there is room, else above", () => {
  assert.deepEqual(placement(button(20, 100), MENU, VIEW), { left: 20, top: 152, maxHeight: 480 });
  assert.deepEqual(placement(button(20, 580), MENU, VIEW), { left: 20, top: 272, maxHeight: 564 });
});

test("never beyond the edges of the window", () => {
  assert.equal(placement(button(300, 100), MENU, VIEW).left, 360 - 200 - 8);
  assert.equal(placement(button(-30, 100), MENU, VIEW).left, 8);
});

test("from right to left, the right edges meet", () => {
  assert.equal(placement(button(250, 100), MENU, VIEW, { isRtl: true }).left, 94);
});

test("a menu that is too high for both sides scrolls", () => {
  const place = placement(
    button(20, 100),
    { width: 200, height: 900 },
    { width: 360, height: 240 },
  );
  assert.deepEqual(place, { left: 20, top: 8, maxHeight: 224 });
});
