// The people in the call, and the state of each.

export class People extends EventTarget {
  #people = new Map(); // session → person

  get all() {
    return [...this.#people.values()];
  }

  get = (session) => this.#people.get(session);

  /** Add a person or change their state; dispatches `change` with the person. */
  set(session, changes) {
    const before = this.#people.get(session);
    const person = {
      session,
      name: "",
      audio: false,
      video: false,
      speaking: false,
      hand: false,
      connection: "good", // or "connecting", "weak", "unreachable"
      connectionHint: null, // key of a text that says what could help
      ...before,
      ...changes,
    };
    if (before && Object.keys(changes).every((key) => before[key] === changes[key])) return;
    this.#people.set(session, person);
    this.dispatchEvent(new CustomEvent("change", { detail: person }));
  }

  delete(session) {
    const person = this.#people.get(session);
    if (!this.#people.delete(session)) return;
    this.dispatchEvent(new CustomEvent("gone", { detail: person }));
  }

  clear() {
    for (const { session } of this.all) this.delete(session);
  }
}
