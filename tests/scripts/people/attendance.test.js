// Nobody leaves and joins for a reload, or a change of the device.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Attendance } from "../../../talk_calls/static/talk_calls/call/people/attendance.js";

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_800_000_000_000 });
});

test("coming and going is told, going after a moment", () => {
  const told = [];
  const attendance = new Attendance((what, name) => told.push(`${name} ${what}`));
  attendance.joined("users/ann", "Ann");
  assert.deepEqual(told, ["Ann joined"]);
  attendance.left("users/ann", "Ann");
  mock.timers.tick(3000);
  assert.deepEqual(told, ["Ann joined"]);
  mock.timers.tick(2000);
  assert.deepEqual(told, ["Ann joined", "Ann left"]);
});

test("who is back within a moment, also with another session, is not told", () => {
  const told = [];
  const attendance = new Attendance((what, name) => told.push(`${name} ${what}`));
  attendance.left("users/ann", "Ann");
  mock.timers.tick(3000);
  attendance.joined("users/ann", "Ann");
  mock.timers.tick(60_000);
  assert.deepEqual(told, []);
});

test("people of connections that began anew do not join, for a while", () => {
  const told = [];
  const attendance = new Attendance((what, name) => told.push(`${name} ${what}`));
  attendance.keep(["users/ann", "users/ben"]);
  mock.timers.tick(20_000);
  attendance.joined("users/ann", "Ann");
  attendance.joined("users/cem", "Cem");
  mock.timers.tick(60_000);
  attendance.joined("users/ben", "Ben");
  assert.deepEqual(told, ["Cem joined", "Ben joined"]);
});
