// When the page asks the site only to stay logged in.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { keepLogin } from "../../../talk_calls/static/talk_calls/call/visit/keep-login.js";

test("the site is asked once a minute, in a call only, and also after a failure", () => {
  mock.timers.enable({ apis: ["setInterval"] });
  let isInCall = false;
  let asked = 0;
  const visit = async () => {
    asked++;
    throw new Error("not reached");
  };
  keepLogin({ api: { visit }, isInCall: () => isInCall });
  mock.timers.tick(120_000);
  assert.equal(asked, 0);
  isInCall = true;
  mock.timers.tick(120_000);
  assert.equal(asked, 2);
  mock.timers.reset();
});
