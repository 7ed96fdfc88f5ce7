// When a connection is begun anew, and how many are set up at a time.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { RetriedPeer } from "../../talk_calls/static/talk_calls/call/connections/retried-peer.js";
import { LONGEST_TURN, Turns } from "../../talk_calls/static/talk_calls/call/connections/turns.js";

const DELAYS = [1000, 2000, 4000];

/** Return one whose clock the test sets, and how often it was begun. */
function retried(options) {
  const told = { now: 0, begun: 0 };
  const connect = (each) => {
    told.begun += 1;
    told.each ??= each;
  };
  told.each = new RetriedPeer(connect, {
    delays: DELAYS,
    now: () => told.now,
    random: () => 0,
    ...options,
  });
  told.at = (now) => {
    told.now = now;
    told.each.check();
    return told.begun;
  };
  return told;
}

const peer = (state) => ({ isConnected: false, isUnderWay: false, close() {}, ...state });

test("without a connection it is begun again, later and later", () => {
  const { at } = retried();
  assert.equal(at(1000), 1);
  assert.equal(at(1001), 2);
  assert.equal(at(3001), 2);
  assert.equal(at(3002), 3);
  assert.equal(at(7002), 3);
  assert.equal(at(7003), 4);
  assert.equal(at(11_003), 4);
  assert.equal(at(11_004), 5);
});

test("two sides do not begin at the same moment", () => {
  assert.equal(retried({ random: () => 1 }).at(1200), 1);
  assert.equal(retried({ random: () => 1 }).at(1251), 2);
});

test("who waits for the other side begins only after a delay", () => {
  const told = retried({ delay: 5000 });
  assert.equal(told.at(5000), 0);
  assert.equal(told.at(5001), 1);
});

test("what is under way is not cut, unless it hangs", () => {
  const told = retried();
  told.each.replace(peer({ isUnderWay: true }));
  assert.equal(told.at(30_000), 1);
  assert.equal(told.at(60_000), 2);
});

test("what is connected is left alone, and then begins with the first delay", () => {
  const told = retried();
  told.at(1001);
  const connected = told.each.replace(peer({ isConnected: true }));
  assert.equal(told.at(100_000), 2);
  assert.equal(told.each.failures, 0);
  connected.isConnected = false;
  assert.equal(told.at(101_000), 2);
  assert.equal(told.at(101_001), 3);
});

test("after a failure it is tried soon, but not for ever", () => {
  const told = retried();
  told.each.failed();
  assert.equal(told.at(501), 2);
  told.each.failed();
  assert.equal(told.at(1002), 2);
});

test("another peer ends the one before", () => {
  const told = retried();
  const closed = [];
  told.each.replace(peer({ close: () => closed.push("first") }));
  told.each.replace(peer({ close: () => closed.push("second") }));
  assert.deepEqual(closed, ["first"]);
});

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
