// The order of people on the stage: who joined first comes first, but who speaks is on the page.

export class Order {
  /** @type {string[]} */
  #sessions = [];
  /** @type {Map<string, number>} */
  #spoke = new Map(); // session → number of the last turn to speak
  #turn = 0;

  get sessions() {
    return this.#sessions;
  }

  /** @param {string} session */
  add(session) {
    this.#sessions.push(session);
  }

  /** @param {string} session */
  remove(session) {
    this.#sessions = this.#sessions.filter((each) => each !== session);
    this.#spoke.delete(session);
  }

  /** @param {string} session */
  noteSpeaker(session) {
    this.#spoke.set(session, ++this.#turn);
  }

  /**
   * Bring somebody among those who are visible, and return whether the order changed.
   *
   * They change places with the visible one who has not spoken for the longest time, and who is none of
   * `kept`; nobody else moves.
   *
   * @param {string | null} session
   * @param {string[]} visible
   * @param {(string | null)[]} [kept]
   */
  bring(session, visible, kept = []) {
    if (!session || visible.includes(session) || !this.#sessions.includes(session)) return false;
    const free = visible.filter((each) => !kept.includes(each));
    if (!free.length) return false;
    /** @param {string} each */
    const turn = (each) => this.#spoke.get(each) ?? 0;
    // Of those who never spoke, the last leaves, so that the first rows stay as they are.
    const leaving = free.reduce((found, each) => (turn(each) <= turn(found) ? each : found));
    const [to, from] = [this.#sessions.indexOf(leaving), this.#sessions.indexOf(session)];
    [this.#sessions[to], this.#sessions[from]] = [session, leaving];
    return true;
  }
}
