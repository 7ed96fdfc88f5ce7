// Which state follows from what the server says.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  isInLobby,
  stateAfterCall,
  stateAfterSession,
} from "../../../talk_calls/static/talk_calls/call/visit/reasons.js";
import { STATES } from "../../../talk_calls/static/talk_calls/call/visit/states.js";

for (const [reason, state] of [
  ["logged_out", "logged-out"],
  ["login_expired", "login-expired"],
  ["account_disabled", "account-disabled"],
  ["replaced", "replaced"],
  ["removed", "removed"],
  ["banned", "banned"],
  ["deleted", "deleted"],
  ["something new", null],
  [undefined, null],
])
  test(`a session that ended with "${reason}" leads to ${state}`, () => {
    assert.equal(stateAfterSession(reason, { isAway: false }), state);
    if (state) assert.ok(STATES[state].isOver);
  });

test("who timed out comes back by itself, unless that is long ago", () => {
  assert.equal(stateAfterSession("timed_out", { isAway: false }), "call");
  assert.equal(stateAfterSession("timed_out", { isAway: true }), "timed-out");
});

const OPEN = { readOnly: 0, lobbyState: 0, permissions: 0 };
for (const [callEnd, state] of [
  ["ended_for_all", "ended"],
  ["max_duration", "too-long"],
  ["left", "left"],
  ["removed", "removed"],
  ["conversation_deleted", "deleted"],
  ["timeout", "call"],
  ["permission", "call"],
  [null, "out"],
  [undefined, "out"],
])
  test(`a call that ended for us with "${callEnd}" leads to ${state}`, () => {
    const situation = { room: OPEN, isAway: false, hasTimedOut: false };
    assert.equal(stateAfterCall(callEnd, situation), state);
  });

test("a lock and a lobby are shown as long as they are there", () => {
  const after = (room) => stateAfterCall("timeout", { room, isAway: false, hasTimedOut: true });
  assert.equal(after({ ...OPEN, readOnly: 1 }), "locked");
  assert.equal(after({ ...OPEN, lobbyState: 1 }), "lobby");
  assert.equal(after({ ...OPEN, lobbyState: 1, permissions: 8 }), "call");
  assert.equal(isInLobby({ lobbyState: 1, permissions: 8 }), false);
});

test("after an outage in which all timed out one joins again, without a reason of the server", () => {
  const situation = { room: OPEN, hasTimedOut: true };
  assert.equal(stateAfterCall(null, { ...situation, isAway: false }), "call");
  assert.equal(stateAfterCall(null, { ...situation, isAway: true }), "timed-out");
});
