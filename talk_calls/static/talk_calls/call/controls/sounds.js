// Short, soft sounds, which the browser makes: no files.

import { remember, remembered } from "../page/storage.js";

const CROWD = 10; // people in the call from which on joining and leaving is silent
const PAUSE = 1000; // ms between two sounds of people who join or leave
const LOUDNESS = 0.08; // of 1
const ATTACK = 0.015; // seconds until a note is at its loudest; less would click

/** @typedef {"join" | "leave" | "knock"} Sound */

/**
 * The notes of each sound: Hz, when it begins and how long it takes (seconds).
 *
 * @type {Record<Sound, [frequency: number, start: number, duration: number][]>}
 */
const NOTES = {
  join: [
    [523, 0, 0.15],
    [784, 0.11, 0.25],
  ],
  leave: [
    [659, 0, 0.15],
    [440, 0.11, 0.25],
  ],
  knock: [
    [392, 0, 0.12],
    [392, 0.16, 0.12],
    [587, 0.36, 0.3],
  ],
};

/** @type {AudioContext | null} */
let context = null;
let lastArrival = -Infinity; // when the last sound of somebody who joined or left was played

/** Whether sounds are on; they are until the user turns them off. */
export const areSoundsOn = () => remembered("sounds") !== false;

/** @param {boolean} isOn */
export const turnSounds = (isOn) => remember("sounds", isOn);

/**
 * Play a sound; nothing if sounds are off.
 *
 * @param {Sound} kind
 */
export function playSound(kind) {
  if (!areSoundsOn()) return;
  context ??= new AudioContext();
  // The browser may have paused it, as it does before the first click on a page.
  context.resume().catch(() => {});
  for (const note of NOTES[kind]) playNote(context, ...note);
}

/**
 * Play the sound of somebody who "joined" or "left" a call of `people`: none for a crowd.
 *
 * @type {(what: "joined" | "left", people: number, now?: number) => void}
 */
export function playArrival(what, people, now = performance.now()) {
  if (people >= CROWD || now - lastArrival < PAUSE) return;
  lastArrival = now;
  playSound(what === "joined" ? "join" : "leave");
}

/** @type {(context: AudioContext, frequency: number, start: number, duration: number) => void} */
function playNote(context, frequency, start, duration) {
  const begin = context.currentTime + start;
  const oscillator = new OscillatorNode(context, { frequency });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setValueAtTime(0, begin);
  volume.gain.linearRampToValueAtTime(LOUDNESS, begin + ATTACK);
  volume.gain.exponentialRampToValueAtTime(0.0001, begin + duration);
  oscillator.connect(volume).connect(context.destination);
  oscillator.start(begin);
  oscillator.stop(begin + duration);
}
