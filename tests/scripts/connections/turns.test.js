// How many connections are set up at a time.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import {
  LONGEST_TURN,
  Turns,
} from "../../../talk_calls/static/talk_calls/call/connections/turns.js";

/** Take a turn, and note when it has come. */
function taking(turns, name, taken) {
  return turns.take().then((end) => {
    taken.push(name);
    return end;
  });
}

test("two have a turn at once, and the others wait in order", async () => {
  const turns = new Turns(2);
  const taken = [];
  const [first, second, third] = ["a", "b", "c", "d"].map((name) => taking(turns, name, taken));
  const end = await first;
  await second;
  assert.deepEqual(taken, ["a", "b"]);
  end();
  end(); // counts once
  await third;
  assert.deepEqual(taken, ["a", "b", "c"]);
  assert.equal(turns.isBusy, true);
});

test("a turn ends by itself", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const turns = new Turns(1);
  await turns.take();
  const next = turns.take();
  mock.timers.tick(LONGEST_TURN);
  (await next)();
  assert.equal(turns.isBusy, false);
  mock.timers.reset();
});
