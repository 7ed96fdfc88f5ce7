// Notices that somebody speaks although their microphone is off.

const THRESHOLD = 0.04; // of 1; higher than for speech, since others are heard from the speaker
const LOUD_FOR = 800; // ms of loudness, so that a cough or a door is no speech
const FORGETS_AFTER = 1200; // ms of silence
const PAUSE = 60_000; // ms between two hints

export class MutedSpeech {
  #loudFor = 0; // ms
  /** @type {number | null} */
  #measuredAt = null;
  #loudAt = -Infinity;
  #toldAt = -Infinity;

  /**
   * Take the loudness of a microphone that is off; return whether to tell the user.
   * @param {number} loudness - from 0 to 1
   * @param {number} now - ms
   */
  isToBeTold(loudness, now) {
    const passed = this.#measuredAt === null ? 0 : Math.min(now - this.#measuredAt, FORGETS_AFTER);
    this.#measuredAt = now;
    if (now - this.#loudAt > FORGETS_AFTER) this.#loudFor = 0;
    if (loudness < THRESHOLD) return false;
    this.#loudAt = now;
    this.#loudFor += passed;
    if (this.#loudFor < LOUD_FOR || now - this.#toldAt < PAUSE) return false;
    this.#toldAt = now;
    this.#loudFor = 0;
    return true;
  }

  /** Begin anew, as when the microphone is on. */
  reset() {
    this.#loudFor = 0;
    this.#measuredAt = null;
  }
}
