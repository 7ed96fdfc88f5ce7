// Nobody leaves and joins for an outage of the server.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Outage } from "../../../talk_calls/static/talk_calls/call/visit/outage.js";

const user = (sessionId, inCall = 7) => ({ sessionId, inCall });
const inCall = (users) => users.filter((each) => each.inCall).map(({ sessionId }) => sessionId);

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
});

test("without an outage, whoever is not in the list is gone at once", () => {
  const outage = new Outage(() => assert.fail("nobody is waited for"));
  outage.complete([user("a"), user("b")]);
  assert.deepEqual(inCall(outage.complete([user("a")])), ["a"]);
  mock.timers.tick(60_000);
});

test("after an outage, people stay until they are back or it is clear that they are not", () => {
  const gaveUp = [];
  const outage = new Outage((users) => gaveUp.push(inCall(users)));
  outage.complete([user("own"), user("back", 3), user("gone")]);
  outage.begin();
  outage.begin();
  const completed = outage.complete([user("own"), user("back", 0)]);
  assert.deepEqual(inCall(completed).sort(), ["back", "gone", "own"]);
  // As it was before, not as one who is online only, and not twice.
  assert.deepEqual(
    completed.filter(({ sessionId }) => sessionId === "back"),
    [user("back", 3)],
  );
  mock.timers.tick(10_000);
  assert.deepEqual(inCall(outage.complete([user("own"), user("back")])).sort(), [
    "back",
    "gone",
    "own",
  ]);
  // Who is back, and leaves then, has left.
  assert.deepEqual(inCall(outage.complete([user("own")])).sort(), ["gone", "own"]);
  mock.timers.tick(10_001);
  assert.deepEqual(gaveUp, [["own"]]);
  assert.deepEqual(inCall(outage.complete([user("own")])), ["own"]);
});

test("a second outage begins the time anew", () => {
  const gaveUp = [];
  const outage = new Outage(() => gaveUp.push(1));
  outage.complete([user("own"), user("other")]);
  outage.begin();
  outage.complete([user("own")]);
  mock.timers.tick(15_000);
  outage.begin();
  mock.timers.tick(15_000);
  assert.deepEqual(inCall(outage.complete([user("own")])), ["own", "other"]);
  mock.timers.tick(15_000);
  assert.deepEqual(gaveUp, []);
  mock.timers.tick(6000);
  assert.deepEqual(gaveUp, [1]);
});

test("when the call is over for us, nobody is waited for", () => {
  const outage = new Outage(() => assert.fail("it is over"));
  outage.complete([user("own"), user("other")]);
  outage.begin();
  outage.complete([user("own")]);
  outage.reset();
  mock.timers.tick(60_000);
  assert.deepEqual(inCall(outage.complete([user("own")])), ["own"]);
});
