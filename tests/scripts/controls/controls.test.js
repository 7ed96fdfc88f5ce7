// The controls as far as they need no browser: timer, shortcuts, arrows, and wake lock.

import assert from "node:assert/strict";
import { test } from "node:test";

import { setUpPage } from "./fake-page.js";

setUpPage();
const CONTROLS = "../../../talk_calls/static/talk_calls/call/controls";
const { formatted } = await import(`${CONTROLS}/timer.js`);
const { isForShortcuts, keyOf } = await import(`${CONTROLS}/shortcuts.js`);
const { nextIndex } = await import(`${CONTROLS}/toolbar.js`);
const { WakeLock } = await import(`${CONTROLS}/wake-lock.js`);

test("the timer counts seconds, minutes and hours, and never backwards", () => {
  const shown = [-5, 0, 7.9, 61, 754, 3723].map(formatted);
  assert.deepEqual(shown, ["0:00", "0:00", "0:07", "1:01", "12:34", "1:02:03"]);
});

const page = { closest: () => null };
const field = { closest: () => ({}) };

test("a key alone is a shortcut, with modifiers or in a field it is none", () => {
  const press = (event) => isForShortcuts({ key: "m", target: page, ...event });
  assert.equal(press({}), true);
  assert.equal(press({ target: field }), false);
  for (const name of [
    "ctrlKey",
    "altKey",
    "metaKey",
    "shiftKey",
    "isComposing",
    "defaultPrevented",
  ])
    assert.equal(press({ [name]: true }), false, name);
  assert.equal(press({ key: "?", shiftKey: true }), true);
});

test("keyboards of other scripts have the shortcuts at the same places", () => {
  assert.equal(keyOf({ key: "m", code: "KeyM" }), "M");
  assert.equal(keyOf({ key: "m", code: "Semicolon" }), "M"); // AZERTY
  assert.equal(keyOf({ key: "ь", code: "KeyM" }), "M");
  assert.equal(keyOf({ key: " ", code: "Space" }), " ");
  assert.equal(keyOf({ key: "?", code: "Minus" }), "?");
});

test("arrows go around, in the direction of the writing", () => {
  const from = (key, index, isFromRight = false) => nextIndex(key, index, 3, isFromRight);
  assert.deepEqual([from("ArrowRight", 0), from("ArrowRight", 2)], [1, 0]);
  assert.deepEqual([from("ArrowLeft", 1), from("ArrowLeft", 0)], [0, 2]);
  assert.deepEqual([from("ArrowRight", 0, true), from("ArrowLeft", 0, true)], [2, 1]);
  assert.deepEqual([from("Home", 1), from("End", 1), from("a", 1)], [0, 2, null]);
});

/** Replace the browser's wake lock; return the locks that were asked for. */
function fakeLocks() {
  const locks = [];
  const wakeLock = {
    request: async () => {
      const lock = { released: false, release: async () => (lock.released = true) };
      locks.push(lock);
      return lock;
    },
  };
  Object.defineProperty(globalThis, "navigator", { value: { wakeLock }, configurable: true });
  return locks;
}

const seen = (isSeen) => {
  document.visibilityState = isSeen ? "visible" : "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  return new Promise((resolve) => setTimeout(resolve));
};

test("the screen stays on during the call, also after the page was hidden", async () => {
  const locks = fakeLocks();
  const wakeLock = new WakeLock();
  await wakeLock.hold();
  await seen(true);
  assert.equal(locks.length, 1);
  await locks[0].release(); // the browser does so when the page is hidden
  await seen(false);
  assert.equal(locks.length, 1);
  await seen(true);
  assert.equal(locks.length, 2);
  await wakeLock.release();
  assert.equal(locks[1].released, true);
  await seen(true);
  assert.equal(locks.length, 2);
});

test("a lock that comes after the end of the call is given back", async () => {
  const locks = fakeLocks();
  const wakeLock = new WakeLock();
  const held = wakeLock.hold();
  await wakeLock.release();
  await held;
  assert.deepEqual([locks.length, locks[0].released], [1, true]);
});

test("a browser without wake locks is no error", async () => {
  Object.defineProperty(globalThis, "navigator", { value: {}, configurable: true });
  const wakeLock = new WakeLock();
  await wakeLock.hold();
  await wakeLock.release();
});
