// Whose coming and going is told: nobody's who is back within moments.

const TELL_AFTER = 4000; // ms; a reload or a change of the device takes less
const KNOWN_FOR = 60_000; // ms for which people of a connection that began anew count as there

export class Attendance {
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  #leaving = new Map(); // key → timer
  /** @type {Map<string, number>} */
  #knownUntil = new Map(); // key → until when they count as there

  /**
   * `tell` gets "joined" or "left", and a name. A key is who it is, on whichever device.
   *
   * @param {(what: "joined" | "left", name: string) => void} tell
   */
  constructor(tell) {
    this.tell = tell;
  }

  /** @type {(key: string, name: string) => void} */
  joined(key, name) {
    const wasLeaving = this.#forget(key);
    const isKnown = (this.#knownUntil.get(key) ?? 0) > Date.now();
    this.#knownUntil.delete(key);
    if (!wasLeaving && !isKnown) this.tell("joined", name);
  }

  /** @type {(key: string, name: string) => void} */
  left(key, name) {
    this.#forget(key);
    const timer = setTimeout(() => {
      this.#leaving.delete(key);
      this.tell("left", name);
    }, TELL_AFTER);
    this.#leaving.set(key, timer);
  }

  /**
   * Our own connections begin anew: these people have not left, and do not join.
   *
   * @param {string[]} keys
   */
  keep(keys) {
    this.clear();
    for (const key of keys) this.#knownUntil.set(key, Date.now() + KNOWN_FOR);
  }

  clear() {
    for (const key of [...this.#leaving.keys()]) this.#forget(key);
  }

  /** @param {string} key */
  #forget(key) {
    clearTimeout(this.#leaving.get(key));
    return this.#leaving.delete(key);
  }
}
