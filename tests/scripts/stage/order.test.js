// Who is brought into view.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Order } from "../../../talk_calls/static/talk_calls/call/stage/order.js";

function orderOf(...sessions) {
  const order = new Order();
  for (const session of sessions) order.add(session);
  return order;
}

test("who speaks changes places with the visible one who was silent the longest", () => {
  const order = orderOf("a", "b", "c", "d", "e");
  order.noteSpeaker("c");
  order.noteSpeaker("b");
  assert.equal(order.bring("e", ["a", "b", "c"], ["a"]), true);
  assert.deepEqual(order.sessions, ["a", "b", "e", "d", "c"]);
});

test("of those who never spoke the last one leaves", () => {
  const order = orderOf("a", "b", "c", "d");
  order.bring("d", ["a", "b", "c"]);
  assert.deepEqual(order.sessions, ["a", "b", "d", "c"]);
});

test("nobody moves for who is visible, unknown or alone with people who stay", () => {
  const order = orderOf("a", "b", "c");
  assert.equal(order.bring("a", ["a", "b"]), false);
  assert.equal(order.bring("z", ["a", "b"]), false);
  assert.equal(order.bring(null, ["a", "b"]), false);
  assert.equal(order.bring("c", ["a"], ["a"]), false);
  assert.deepEqual(order.sessions, ["a", "b", "c"]);
});
