// The visit: its table of states, and what leads from one state to another.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Actions, Cancelled } from "../../talk_calls/static/talk_calls/call/visit/actions.js";
import {
  isInLobby,
  stateAfterCall,
  stateAfterSession,
} from "../../talk_calls/static/talk_calls/call/visit/reasons.js";
import { STATES, VisitState } from "../../talk_calls/static/talk_calls/call/visit/states.js";

const states = Object.entries(STATES);
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("each state leads to states that there are, and is reached from the first", () => {
  const reached = new Set(["checking"]);
  for (const name of reached) for (const next of STATES[name].next) reached.add(next);
  assert.deepEqual([...reached].sort(), Object.keys(STATES).sort());
});

test("nothing runs in a state that is over, and its button leads on", () => {
  for (const [name, { isOver, media, waits, buttons, next }] of states.filter(([, s]) => s.isOver)) {
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

// --- reasons ---

for (const [reason, state] of [
  ["logged_out", "logged-out"],
  ["login_expired", "login-expired"],
  ["account_disabled", "account-disabled"],
  ["replaced", "replaced"],
  ["removed", "removed"],
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

// --- actions ---

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
