// What the page does, one thing at a time.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Actions, Cancelled } from "../../../talk_calls/static/talk_calls/call/visit/actions.js";

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Return actions, what ran, and a function that ends the one that runs. */
function started() {
  const ran = [];
  const errors = [];
  const actions = new Actions((error) => errors.push(error.message));
  let end;
  const slow = (name) => async () => {
    ran.push(name);
    await new Promise((resolve) => (end = resolve));
  };
  return { actions, ran, errors, slow, end: () => end() };
}

test("of what the visitor asks for meanwhile, the last counts", async () => {
  const { actions, ran, slow, end } = started();
  actions.wish(slow("first password"));
  actions.wish(() => ran.push("second password"));
  actions.wish(() => ran.push("third password"));
  assert.equal(actions.hasWish, true);
  end();
  await turn();
  assert.deepEqual(ran, ["first password", "third password"]);
});

test("news of the server are handled in their order, and a failure does not stop them", async () => {
  const { actions, ran, errors, slow, end } = started();
  actions.enqueue(slow("first"));
  actions.enqueue(async () => {
    throw new Error("broken");
  });
  actions.enqueue(() => ran.push("last"));
  end();
  await turn();
  assert.deepEqual([ran, errors], [["first", "last"], ["broken"]]);
});

test("what was cancelled goes no further, and the next begins at once", async () => {
  const { actions, ran, errors } = started();
  let answer;
  const answered = new Promise((resolve) => (answer = resolve));
  actions.wish(async () => {
    await actions.unlessCancelled(answered);
    ran.push("after the answer");
  });
  actions.enqueue(() => ran.push("queued"));
  actions.cancel();
  actions.wish(() => ran.push("new"));
  answer();
  await turn();
  assert.deepEqual([ran, errors], [["new"], []]);
  await assert.rejects(async () => {
    const promise = actions.unlessCancelled(new Promise((resolve) => setImmediate(resolve)));
    actions.cancel();
    await promise;
  }, Cancelled);
});
