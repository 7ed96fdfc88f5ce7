// Who is the active speaker.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { ActiveSpeaker } from "../../../talk_calls/static/talk_calls/call/stage/speaker.js";

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
