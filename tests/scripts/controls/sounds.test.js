// Which sounds are played, with an audio context that only counts notes.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  areSoundsOn,
  playArrival,
  playSound,
  turnSounds,
} from "../../../talk_calls/static/talk_calls/call/controls/sounds.js";

let notes = 0;
const stored = new Map();

globalThis.localStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, value) => stored.set(key, value),
  removeItem: (key) => stored.delete(key),
};
globalThis.AudioContext = class {
  currentTime = 0;
  resume = async () => {};
};
globalThis.OscillatorNode = class {
  connect = (next) => next;
  start = () => (notes += 1);
  stop() {}
};
globalThis.GainNode = class {
  gain = {
    setValueAtTime() {},
    linearRampToValueAtTime() {},
    exponentialRampToValueAtTime() {},
  };
  connect = (next) => next;
};

/** Return how many notes are played by an action. */
function notesOf(action) {
  notes = 0;
  action();
  return notes;
}

beforeEach(() => stored.clear());

test("sounds are on until somebody turns them off, which is remembered", () => {
  assert.equal(areSoundsOn(), true);
  assert.equal(
    notesOf(() => playSound("knock")),
    3,
  );
  turnSounds(false);
  assert.equal(areSoundsOn(), false);
  assert.equal(
    notesOf(() => playSound("knock")),
    0,
  );
  turnSounds(true);
  assert.equal(
    notesOf(() => playSound("join")),
    2,
  );
});

test("a crowd joins and leaves in silence", () => {
  assert.equal(
    notesOf(() => playArrival("joined", 9, 10_000)),
    2,
  );
  assert.equal(
    notesOf(() => playArrival("joined", 10, 20_000)),
    0,
  );
});

test("several who join at once make one sound", () => {
  const at = (ms) => notesOf(() => playArrival("left", 5, ms));
  assert.deepEqual([at(30_000), at(30_500), at(31_001)], [2, 0, 2]);
});
