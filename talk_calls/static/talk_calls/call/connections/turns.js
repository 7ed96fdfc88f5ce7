// Lets only a few of many connections be set up at a time.
//
// Setting one up takes much of a CPU. Many at once all take longer than each waits for the other side,
// so that they are begun anew and take longer still.

/** ms after which a turn ends by itself: somebody who never answers must not stop the others. */
export const LONGEST_TURN = 4000;
/** The same of a turn in which the other side answered, but media take long. */
export const LONGEST_PROLONGED = 15_000;

export class Turns {
  #taken = 0;
  /** @type {((value?: undefined) => void)[]} */
  #waiting = [];

  /** @param {number} most how many have a turn at once */
  constructor(most) {
    this.most = most;
  }

  get isBusy() {
    return this.#taken > 0;
  }

  /** Wait for a turn, in the order of asking, and return it. */
  async take() {
    if (this.#taken < this.most) this.#taken++;
    else await new Promise((resolve) => this.#waiting.push(resolve));
    return new Turn(() => this.#pass());
  }

  #pass() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken--;
  }
}

export class Turn {
  #isOver = false;
  /** @type {number | undefined} */
  #timer;

  /** @param {() => void} onEnd */
  constructor(onEnd) {
    this.onEnd = onEnd;
    this.#endIn(LONGEST_TURN);
  }

  /** The other side answered, so it may take longer. */
  prolong() {
    if (!this.#isOver) this.#endIn(LONGEST_PROLONGED);
  }

  end() {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.onEnd();
  }

  /** @param {number} ms */
  #endIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.end(), ms);
  }
}
