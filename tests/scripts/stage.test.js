// Who is brought into view, who is the active speaker, and which pictures are shown whole.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { fitOf } from "../../talk_calls/static/talk_calls/call/stage/fit.js";
import { Order } from "../../talk_calls/static/talk_calls/call/stage/order.js";
import { ActiveSpeaker } from "../../talk_calls/static/talk_calls/call/stage/speaker.js";

// --- order ---

function orderOf(...sessions) {
  const order = new Order();
  for (const session of sessions) order.add(session);
  return order;
}

test("who speaks changes places with the visible one who was silent the longest", () => {
  const order = orderOf("a", "b", "c", "d", "e");
  order.noteSpeaker("c");
  order.noteSpeaker("b");
  assert.equal(order.bring("e", ["a", "b", "c"], ["a"]), true);
  assert.deepEqual(order.sessions, ["a", "b", "e", "d", "c"]);
});

test("of those who never spoke the last one leaves", () => {
  const order = orderOf("a", "b", "c", "d");
  order.bring("d", ["a", "b", "c"]);
  assert.deepEqual(order.sessions, ["a", "b", "d", "c"]);
});

test("nobody moves for who is visible, unknown or alone with people who stay", () => {
  const order = orderOf("a", "b", "c");
  assert.equal(order.bring("a", ["a", "b"]), false);
  assert.equal(order.bring("z", ["a", "b"]), false);
  assert.equal(order.bring(null, ["a", "b"]), false);
  assert.equal(order.bring("c", ["a"], ["a"]), false);
  assert.deepEqual(order.sessions, ["a", "b", "c"]);
});

// --- active speaker ---

/** Play a story of `[ms to wait, session, whether they speak]`; return whom the view followed. */
function followed(...story) {
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const changes = [];
  const speaker = new ActiveSpeaker({
    onChange: (session) => changes.push(session),
    now: Date.now,
  });
  for (const [wait, session, isSpeaking] of story) {
    mock.timers.tick(wait);
    if (session) speaker.set(session, isSpeaking);
  }
  mock.timers.reset();
  return changes;
}

test("a second of speech makes the active speaker, a cough does not", () => {
  assert.deepEqual(followed([0, "a", true], [900, "a", false], [5000]), []);
  assert.deepEqual(followed([0, "a", true], [1001, "a", false], [5000]), ["a"]);
});

test("another one follows when the speaker is silent, after three seconds at the earliest", () => {
  const story = [
    [0, "a", true],
    [1100, "a", false],
    [100, "b", true],
  ];
  assert.deepEqual(followed(...story, [1500]), ["a"]);
  assert.deepEqual(followed(...story, [3000]), ["a", "b"]);
});

test("two who speak at once do not alternate", () => {
  assert.deepEqual(followed([0, "a", true], [100, "b", true], [60_000]), ["a"]);
});

test("who speaks on takes over from a noise", () => {
  assert.deepEqual(followed([0, "a", true], [9000, "b", true], [3900]), ["a"]);
  assert.deepEqual(followed([0, "a", true], [9000, "b", true], [60_000]), ["a", "b"]);
});

// --- pictures ---

const picture = (width, height) => ({ width, height });

test("a picture that loses little fills the tile", () => {
  assert.equal(fitOf(picture(640, 480), picture(320, 180)), "cover");
  assert.equal(fitOf(picture(1280, 720), picture(320, 180)), "cover");
  assert.equal(fitOf(picture(1280, 720), picture(100, 100)), "cover");
});

test("portrait in landscape is shown whole, and landscape in portrait", () => {
  assert.equal(fitOf(picture(720, 1280), picture(320, 180)), "contain");
  assert.equal(fitOf(picture(1280, 720), picture(344, 480)), "contain");
});

test("a large picture loses no more at its sides than at its top", () => {
  assert.equal(fitOf(picture(1280, 720), picture(400, 400), { isLarge: true }), "contain");
});

test("before the first frame there is nothing to fit", () => {
  assert.equal(fitOf(picture(0, 0), picture(320, 180)), "cover");
});
