// How many connections are set up at a time.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import {
  LONGEST_PROLONGED,
  LONGEST_TURN,
  Turns,
} from "../../../talk_calls/static/talk_calls/call/connections/turns.js";

/** Take a turn, and note when it has come. */
function taking(turns, name, taken) {
  return turns.take().then((turn) => {
    taken.push(name);
    return turn;
  });
}

test("two have a turn at once, and the others wait in order", async () => {
  const turns = new Turns(2);
  const taken = [];
  const [first, second, third] = ["a", "b", "c", "d"].map((name) => taking(turns, name, taken));
  const turn = await first;
  await second;
  assert.deepEqual(taken, ["a", "b"]);
  turn.end();
  turn.end(); // counts once
  await third;
  assert.deepEqual(taken, ["a", "b", "c"]);
  assert.equal(turns.isBusy, true);
});

test("a turn ends by itself, later if the other side answered", async (t) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  const turns = new Turns(1);
  await turns.take();
  const next = turns.take();
  mock.timers.tick(LONGEST_TURN);
  (await next).prolong();
  mock.timers.tick(LONGEST_PROLONGED - 1);
  assert.equal(turns.isBusy, true);
  mock.timers.tick(1);
  assert.equal(turns.isBusy, false);
});
