// The long poll with a device whose clock is set meanwhile.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { ServerClock } from "../../../talk_calls/static/talk_calls/call/api/clock.js";
import { LongPoll } from "../../../talk_calls/static/talk_calls/call/signaling/long-poll.js";

const NOW = Date.parse("2026-12-01T10:00:00Z"); // at the server
const AHEAD = 10 * 60_000; // ms that the device's clock is ahead

const date = (time) => new Date(time).toUTCString();
const turn = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW + AHEAD });
  globalThis.addEventListener = () => {};
});

test("a clock that is set during the call is no silence", async () => {
  const clock = new ServerClock();
  clock.observe(date(NOW));
  const answers = [];
  const pull = () => new Promise((resolve) => answers.push(resolve));
  const poll = new LongPoll({
    api: { clock, pull },
    session: "a",
    onUpdate() {},
    onConnectionLost() {},
  });
  poll.run();
  // The device's clock is set right: ten minutes back. The answer tells the server's time.
  mock.timers.setTime(NOW + 20_000);
  clock.observe(date(NOW + 20_000));
  answers.shift()([[], 1]);
  await turn();
  mock.timers.tick(200);
  await turn();
  answers.shift()([[], 2]);
  await turn();
  assert.ok(poll.silence > 15_000 && poll.silence < 25_000, `${poll.silence} ms`);
  poll.stop();
});
