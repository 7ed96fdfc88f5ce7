// Who was in the call before an outage stays in it for a while, until they are back as well.
//
// After an outage of the server everybody may have timed out, and each comes back in their own time.
// Their media may have gone on all the while, so nobody leaves and joins for it.

const IN_CALL = 1;
const GRACE = 20_000; // ms after we are back; a client tries at least each 8 s

/** @typedef {{ sessionId: string, inCall: number }} User a row of the list; it has more */

export class Outage {
  #isLost = false;
  /** @type {User[]} */
  #users = []; // the last list
  /** @type {Map<string, User>} */
  #missing = new Map(); // session → its row before the outage
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * `onGraceOver` gets the list once those who are not back count as gone.
   *
   * @param {(users: User[]) => void} onGraceOver
   */
  constructor(onGraceOver) {
    this.onGraceOver = onGraceOver;
  }

  /** The connection to the server is lost. */
  begin() {
    if (this.#isLost) return;
    this.#isLost = true;
    clearTimeout(this.#timer);
    for (const user of inCall(this.#users))
      if (!this.#missing.has(user.sessionId)) this.#missing.set(user.sessionId, user);
  }

  /**
   * Return the list with those who are not back yet, as they were before.
   *
   * @param {User[]} users
   */
  complete(users) {
    this.#users = users;
    for (const { sessionId } of inCall(users)) this.#missing.delete(sessionId);
    if (this.#isLost) this.#timer = setTimeout(() => this.#giveUp(), GRACE);
    this.#isLost = false;
    if (!this.#missing.size) return users;
    const others = users.filter(({ sessionId }) => !this.#missing.has(sessionId));
    return [...others, ...this.#missing.values()];
  }

  /** Forget everybody: the call is over for us. */
  reset() {
    clearTimeout(this.#timer);
    this.#isLost = false;
    this.#users = [];
    this.#missing.clear();
  }

  #giveUp() {
    if (!this.#missing.size) return;
    this.#missing.clear();
    this.onGraceOver(this.#users);
  }
}

/** @param {User[]} users */
const inCall = (users) => users.filter((user) => user.inCall & IN_CALL);
