// A peer connection that is set up again when it fails, later and later.

/** @import { Peer } from "./peer.js" */

// ms without a connection, or from an offer to one, so that a slow machine is not interrupted
const DELAYS = [5000, 8000, 12_000, 20_000, 30_000, 60_000];

const JITTER = 0.25; // of a delay at most are added, so that many do not begin at the same moment
const DELAY_AFTER_FAILURE = 500; // ms
const LONGEST_ATTEMPT = 90_000; // ms; one that still hangs then will not end by itself

export class RetriedPeer {
  /** @type {Peer | null} */
  peer = null;
  /** How often it was begun since it was connected. */
  failures = 0;
  #dueAt;
  #begunAt;

  /**
   * `connect` gets this, and begins to set up another `peer`; at once, or first after `delay`
   * milliseconds. `delays` are those between two attempts; the last one counts for all further ones.
   *
   * @param {(retried: RetriedPeer) => void} connect
   * @param {{ delay?: number, delays?: number[], now?: () => number,
   *   random?: () => number }} [options]
   */
  constructor(connect, { delay = 0, delays = DELAYS, now = Date.now, random = Math.random } = {}) {
    this.connect = connect;
    this.delays = delays;
    this.now = now;
    this.random = random;
    this.#begunAt = now();
    this.#dueAt = now() + this.#jittered(delay);
    if (!delay) this.#connect();
  }

  /** Look whether it is time to try again. */
  check() {
    if (this.peer?.isConnected) {
      this.failures = 0;
      this.#postpone();
    } else if (this.now() > this.#dueAt && !this.#isUnderWay) this.#connect();
  }

  /**
   * Use another peer from now on.
   *
   * @param {Peer} peer
   */
  replace(peer) {
    this.peer?.close();
    this.peer = peer;
    this.#begunAt = this.now();
    this.#postpone();
    return peer;
  }

  /** The connection failed, so try again soon, unless that is what failed. */
  failed() {
    if (this.failures < 2) this.#dueAt = this.now() + this.#jittered(DELAY_AFTER_FAILURE);
  }

  close() {
    this.peer?.close();
  }

  /** Whether the attempt may still succeed: another one would only begin its work anew. */
  get #isUnderWay() {
    return Boolean(this.peer?.isUnderWay) && this.now() - this.#begunAt < LONGEST_ATTEMPT;
  }

  #connect() {
    this.#postpone();
    this.failures++;
    this.connect(this);
  }

  #postpone() {
    const delay = this.delays[Math.min(this.failures, this.delays.length - 1)];
    this.#dueAt = this.now() + this.#jittered(delay);
  }

  /** @param {number} delay */
  #jittered = (delay) => delay * (1 + JITTER * this.random());
}
