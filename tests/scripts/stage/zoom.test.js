// Zooming and moving a screen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { moved, WHOLE, zoomed } from "../../../talk_calls/static/talk_calls/call/stage/zoom.js";

const SIZE = { width: 800, height: 400 };

test("zooming keeps what is below the pointer where it is", () => {
  const point = { x: 100, y: -50 };
  const view = zoomed(WHOLE, 2, SIZE, point);
  assert.equal(view.scale, 2);
  // Where a point of the picture is shown: its distance from the middle times the scale, moved.
  assert.deepEqual([view.x + 100 * 2, view.y - 50 * 2], [point.x, point.y]);
});

test("the picture never becomes smaller than the frame, or larger than eight times that", () => {
  assert.deepEqual(zoomed({ scale: 2, x: 50, y: 20 }, 0.1, SIZE), WHOLE);
  assert.equal(zoomed(WHOLE, 100, SIZE).scale, 8);
});

test("no edge comes inside the frame", () => {
  assert.deepEqual(moved(zoomed(WHOLE, 2, SIZE), 5000, -5000, SIZE), { scale: 2, x: 400, y: -200 });
  assert.deepEqual(moved(WHOLE, 10, 10, SIZE), WHOLE);
});

test("zooming out brings the edges back", () => {
  const corner = moved(zoomed(WHOLE, 4, SIZE), 5000, 5000, SIZE);
  assert.deepEqual(zoomed(corner, 0.5, SIZE), { scale: 2, x: 400, y: 200 });
});
