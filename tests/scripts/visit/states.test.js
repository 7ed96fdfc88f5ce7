// The table of the states of a visit, and the machine that follows it.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { STATES, VisitState } from "../../../talk_calls/static/talk_calls/call/visit/states.js";

const states = Object.entries(STATES);

test("each state leads to states that there are, and is reached from the first", () => {
  const reached = new Set(["checking"]);
  for (const name of reached) for (const next of STATES[name].next) reached.add(next);
  assert.deepEqual([...reached].sort(), Object.keys(STATES).sort());
});

test("nothing runs in a state that is over, and its button leads on", () => {
  for (const [name, { isOver, media, waits, buttons, next }] of states.filter(
    ([, s]) => s.isOver,
  )) {
    assert.deepEqual([isOver, media, waits], [true, undefined, undefined], name);
    if (buttons.again === "open") assert.ok(next.includes("ready"), name);
    if (buttons.again === "switchHere") assert.ok(next.includes("call"), name);
  }
});

test("camera and microphone run before the call and in it only", () => {
  const running = states.filter(([, { media }]) => media).map(([name]) => name);
  assert.deepEqual(running, ["ready", "elsewhere", "joining", "call"]);
});

test("coming back shows the preview, but for who takes the call over", () => {
  const direct = states.filter(([, { buttons }]) => buttons?.again === "switchHere");
  assert.deepEqual(
    direct.map(([name]) => name),
    ["replaced"],
  );
});

test("the state reports changes, and what its buttons do", () => {
  const changes = [];
  const state = new VisitState((...change) => changes.push(change));
  state.go("ready");
  state.go("ready");
  state.go("lobby");
  assert.deepEqual(changes, [
    ["ready", "checking"],
    ["lobby", "ready"],
  ]);
  assert.equal(state.waits, true);
  assert.equal(state.action("leave"), "leave");
  assert.equal(state.action("again"), undefined);
});

test("a change that the table lacks is made and complained about", () => {
  const complain = mock.method(console, "error", () => {});
  const state = new VisitState(() => {});
  state.go("call");
  assert.equal(state.name, "call");
  assert.equal(complain.mock.callCount(), 1);
  complain.mock.restore();
});
