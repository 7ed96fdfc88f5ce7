// What the page does, one thing at a time: what the visitor asked for, and what the server's news need.

/** The visitor left, so what went on must not go on. */
export class Cancelled extends Error {}

/** @typedef {() => unknown} Action */

export class Actions {
  #isBusy = false;
  /** @type {Action | null} */
  #wish = null; // what the visitor asked for meanwhile; the last wish counts
  /** @type {Action[]} */
  #queue = []; // what the server's news need, after the current action
  #generation = 0; // incremented to cancel whatever has begun

  /**
   * `onError` gets the error of an action that failed.
   *
   * @param {(error: any) => void} onError
   */
  constructor(onError) {
    this.onError = onError;
  }

  /** Whether the visitor has asked for something else meanwhile. */
  get hasWish() {
    return this.#wish !== null;
  }

  /**
   * Do what the visitor asked for, now or after the current action.
   *
   * @param {Action} action
   */
  wish(action) {
    if (this.#isBusy) this.#wish = action;
    else this.#run(action);
  }

  /**
   * Do what follows from news of the server, now or after the current action.
   *
   * @param {Action} action
   */
  enqueue(action) {
    if (this.#isBusy) this.#queue.push(action);
    else this.#run(action);
  }

  /** Forget the news that wait: they are of a session that is over. */
  forgetQueue() {
    this.#queue = [];
  }

  cancel() {
    this.#generation++;
    this.#isBusy = false;
    this.#wish = null;
    this.#queue = [];
  }

  /**
   * Await a promise; throw `Cancelled` if `cancel` was called in the meantime.
   *
   * @template Result
   * @param {Promise<Result> | Result} promise
   */
  async unlessCancelled(promise) {
    const generation = this.#generation;
    try {
      return await promise;
    } finally {
      if (generation !== this.#generation) throw new Cancelled();
    }
  }

  /** @param {Action} first */
  async #run(first) {
    const generation = this.#generation;
    this.#isBusy = true;
    for (
      let action = /** @type {Action | undefined} */ (first);
      action;
      action = this.#takeNext()
    ) {
      try {
        await action();
      } catch (error) {
        if (!(error instanceof Cancelled)) this.onError(error);
      }
      if (generation !== this.#generation) return;
    }
    this.#isBusy = false;
  }

  #takeNext() {
    const wish = this.#wish;
    this.#wish = null;
    return wish ?? this.#queue.shift();
  }
}
