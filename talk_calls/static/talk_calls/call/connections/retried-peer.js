// A peer connection that is set up again when it fails, later and later.

// ms without a connection, or from an offer to one, so that a slow machine is not interrupted
const DELAYS = [5000, 8000, 10_000, 15_000];
const DELAY_AFTER_FAILURE = 500; // ms

export class RetriedPeer {
  peer = null;
  /** How often it was begun since it was connected. */
  failures = 0;
  #dueAt;

  /** `connect` gets this, and begins to set up another `peer`; first after `delay` milliseconds. */
  constructor(connect, { delay = 0 } = {}) {
    this.connect = connect;
    this.#dueAt = Date.now() + delay;
    if (!delay) this.#connect();
  }

  /** Look whether it is time to try again. */
  check() {
    if (this.peer?.isConnected) {
      this.failures = 0;
      this.#postpone();
    } else if (Date.now() > this.#dueAt) this.#connect();
  }

  /** Use another peer from now on. */
  replace(peer) {
    this.peer?.close();
    this.peer = peer;
    this.#postpone();
    return peer;
  }

  /** The connection failed, so try again soon, unless that is what failed. */
  failed() {
    if (this.failures < 2) this.#dueAt = Date.now() + DELAY_AFTER_FAILURE;
  }

  close() {
    this.peer?.close();
  }

  #connect() {
    this.#postpone();
    this.failures++;
    this.connect(this);
  }

  #postpone() {
    this.#dueAt = Date.now() + DELAYS[Math.min(this.failures, DELAYS.length - 1)];
  }
}
