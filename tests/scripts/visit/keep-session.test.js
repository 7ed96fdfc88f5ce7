// Whose session stands for the password when the page is loaded again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { keepsSession } from "../../../talk_calls/static/talk_calls/call/visit/keep-session.js";

const of = (actorType, participantType, hasPassword = true) =>
  keepsSession({ hasPassword, actorType, participantType });

test("guests and users who came by the link keep it", () => {
  assert.equal(of("guests", 4), true);
  assert.equal(of("guests", 6), true);
  assert.equal(of("users", 5), true);
});

test("members need no password", () => {
  for (const role of [1, 2, 3]) assert.equal(of("users", role), false);
});

test("without a password everybody leaves", () => {
  assert.equal(of("guests", 4, false), false);
  assert.equal(of("users", 5, false), false);
});
