// How long the call has been going on.

import { byId } from "../page/page.js";

const SECOND = 1000; // ms

export class Timer {
  #begun = 0; // Unix time
  /** @type {number | undefined} */
  #interval;

  /**
   * `now` returns the server's time in milliseconds since 1970.
   *
   * @param {{ now: () => number }} options
   */
  constructor({ now }) {
    this.now = () => now() / 1000;
  }

  /**
   * Show the time since `begun` (Unix time); 0 means that the call begins now.
   *
   * @param {number} begun
   */
  start(begun) {
    this.#begun = begun || this.now();
    this.#interval ??= setInterval(() => this.#show(), SECOND);
    this.#show();
    byId("timer").hidden = false;
  }

  /**
   * Correct the beginning to what the server says (Unix time); 0 changes nothing.
   *
   * @param {number} begun
   */
  correct(begun) {
    if (!this.#interval || !begun) return;
    this.#begun = begun;
    this.#show();
  }

  stop() {
    clearInterval(this.#interval);
    this.#interval = undefined;
    byId("timer").hidden = true;
  }

  #show() {
    byId("timer").textContent = formatted(this.now() - this.#begun);
  }
}

/**
 * Return seconds as "0:07", "12:34" or "1:02:03".
 *
 * @param {number} seconds
 */
export function formatted(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const shownMinutes = hours ? `${hours}:${twoDigits(minutes)}` : String(minutes);
  return `${shownMinutes}:${twoDigits(whole % 60)}`;
}

/** @param {number} number */
const twoDigits = (number) => String(number).padStart(2, "0");
