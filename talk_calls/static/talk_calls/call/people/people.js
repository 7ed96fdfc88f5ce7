// The people in the call, and the state of each.

/** @typedef {{ change: Person, gone: Person }} Events what they dispatch, and with what */

export class People extends /** @type {TargetOf<Events>} */ (EventTarget) {
  /** @type {Map<string, Person>} */
  #people = new Map(); // by session

  get all() {
    return [...this.#people.values()];
  }

  /** @param {string} session */
  get = (session) => this.#people.get(session);

  /**
   * Add a person or change their state; dispatches `change` with the person.
   *
   * @param {string} session
   * @param {Partial<Person>} changes
   */
  set(session, changes) {
    const before = this.#people.get(session);
    /** @type {Person} */
    const person = {
      session,
      name: "",
      audio: false,
      video: false,
      speaking: false,
      hand: false,
      handAt: 0, // since when it is up, in milliseconds
      isOwn: false,
      isModerator: false,
      connection: "good", // or "connecting", "weak", "unreachable"
      connectionHint: null, // key of a text that says what could help
      ...before,
      ...changes,
    };
    const keys = /** @type {(keyof Person)[]} */ (Object.keys(changes));
    if (before && keys.every((key) => before[key] === changes[key])) return;
    this.#people.set(session, person);
    this.dispatchEvent(new CustomEvent("change", { detail: person }));
  }

  /**
   * Remove a person; dispatches `gone` with them.
   *
   * @param {string} session
   */
  delete(session) {
    const person = this.#people.get(session);
    if (!this.#people.delete(session)) return;
    this.dispatchEvent(new CustomEvent("gone", { detail: person }));
  }

  clear() {
    for (const { session } of this.all) this.delete(session);
  }
}
