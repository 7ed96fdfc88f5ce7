// Keeps the screen on during the call, where the browser can.

export class WakeLock {
  #isWanted = false;
  /** @type {WakeLockSentinel | undefined} */
  #lock;

  constructor() {
    // A browser takes the lock away from a page that is not seen.
    document.addEventListener("visibilitychange", () => this.#ask());
  }

  hold() {
    this.#isWanted = true;
    return this.#ask();
  }

  async release() {
    this.#isWanted = false;
    const lock = this.#lock;
    this.#lock = undefined;
    await lock?.release();
  }

  async #ask() {
    if (!this.#isWanted || document.visibilityState !== "visible") return;
    if (this.#lock && !this.#lock.released) return;
    let lock;
    try {
      lock = await navigator.wakeLock?.request("screen");
    } catch {
      return; // the battery is low, or the page around ours forbids it
    }
    // The call may have ended while the browser thought about it.
    if (this.#isWanted) this.#lock = lock;
    else await lock?.release();
  }
}
