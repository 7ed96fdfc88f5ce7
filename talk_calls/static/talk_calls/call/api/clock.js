// The server's time. The clock of this device may be minutes ahead or behind, and may be set meanwhile.

const HALF_A_SECOND = 500; // ms; the header `Date` has whole seconds

export class ServerClock {
  #ahead = 0; // ms that the server's clock is ahead of ours

  /** Return the server's time in milliseconds since 1970, or ours as long as no answer told it. */
  now = () => Date.now() + this.#ahead;

  /**
   * Learn the time from the header `Date` of an answer that has just arrived.
   *
   * @param {string | null | undefined} date
   */
  observe(date) {
    const time = Date.parse(date ?? "");
    if (!Number.isNaN(time)) this.#ahead = time + HALF_A_SECOND - Date.now();
  }
}
