// Lets only a few of many connections be set up at a time.
//
// Setting one up takes much of a CPU. Many at once all take longer than each waits for the other side,
// so that they are begun anew and take longer still.

/** ms after which a turn ends by itself: somebody who never answers must not stop the others. */
export const LONGEST_TURN = 4000;

export class Turns {
  #taken = 0;
  #waiting = [];

  /** `most` is how many have a turn at once. */
  constructor(most) {
    this.most = most;
  }

  get isBusy() {
    return this.#taken > 0;
  }

  /** Wait for a turn, in the order of asking; return what ends it. */
  async take() {
    if (this.#taken < this.most) this.#taken++;
    else await new Promise((resolve) => this.#waiting.push(resolve));
    let isOver = false;
    const end = () => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      this.#pass();
    };
    const timer = setTimeout(end, LONGEST_TURN);
    return end;
  }

  #pass() {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken--;
  }
}
