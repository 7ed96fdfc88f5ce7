// Who may download the list of a call that is over.

import assert from "node:assert/strict";
import { test } from "node:test";

import { mayDownload } from "../../../talk_calls/static/talk_calls/call/visit/download.js";

test("owners and moderators with an account do", () => {
  for (const participantType of [1, 2]) assert.equal(mayDownload({ participantType }), true);
});

test("nobody else does, nor guests who moderate", () => {
  for (const participantType of [3, 4, 5, 6]) assert.equal(mayDownload({ participantType }), false);
  assert.equal(mayDownload({}), false);
});
