// The page goes by the server's clock, whatever that of the device says.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { ServerClock } from "../../../talk_calls/static/talk_calls/call/api/clock.js";

const NOW = Date.parse("2026-12-01T10:00:00Z"); // at the server
const AHEAD = 10 * 60_000; // ms that the device's clock is ahead

const date = (time) => new Date(time).toUTCString();

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW + AHEAD });
});

test("the clock is that of the server, to the second", () => {
  const clock = new ServerClock();
  assert.equal(clock.now(), NOW + AHEAD);
  clock.observe(date(NOW));
  assert.ok(Math.abs(clock.now() - NOW) <= 1000);
  mock.timers.tick(5000);
  assert.ok(Math.abs(clock.now() - NOW - 5000) <= 1000);
  for (const nonsense of [null, undefined, "", "soon"]) clock.observe(nonsense);
  assert.ok(Math.abs(clock.now() - NOW - 5000) <= 1000);
});
