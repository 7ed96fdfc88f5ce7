// Whose reactions are shown and sent.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { setUpPage } from "./fake-page.js";

setUpPage();
const shown = [];
const stage = { append: (element) => shown.push(element.textContent) };
Object.assign(document, {
  createElement: () => ({ style: { setProperty() {} }, remove() {} }),
  getElementById: (id) => (id === "stage" ? stage : { textContent: "{}" }),
  querySelectorAll: () => [],
});
const { Reactions } = await import(
  "../../../talk_calls/static/talk_calls/call/controls/reactions.js"
);

const sent = [];
let silenced, reactions;

beforeEach((context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  shown.length = sent.length = 0;
  silenced = new Set();
  reactions = new Reactions({
    nameOf: (session) => session,
    mayReact: (session) => !silenced.has(session),
    onSend: (message) => sent.push(message),
  });
});

test("a reaction of ours is shown and sent", () => {
  reactions.send("👍", "own");
  assert.deepEqual(shown, ["👍 own"]);
  assert.deepEqual(sent, [{ type: "reaction", payload: { reaction: "👍" } }]);
});

test("we send none without the permission, though a menu was open when it was taken", () => {
  silenced.add("own");
  reactions.send("👍", "own");
  assert.deepEqual([shown, sent], [[], []]);
});

test("those of others who may not react are not shown, and use up nothing", () => {
  silenced.add("ben");
  for (let times = 0; times < 9; times++) assert.equal(reactions.receive("ben", "🎉"), false);
  assert.equal(reactions.receive("ann", "🎉"), true);
  silenced.delete("ben");
  assert.equal(reactions.receive("ben", "🎉"), true);
  assert.deepEqual(shown, ["🎉 ann", "🎉 ben"]);
});
