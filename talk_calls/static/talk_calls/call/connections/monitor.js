// Watches the connections to all others, and tells when one becomes better or worse.

import { Health, Measurement } from "./health.js";

/**
 * @import { Connection, Measured } from "./health.js"
 * @import { Peer } from "./peer.js"
 */

const CHECK_INTERVAL = 1000; // ms
const MEASURE_EVERY = 2; // checks, since reports of many connections cost CPU time

/** @typedef {Pick<Peer, "state" | "isAnswered" | "report">} WatchedPeer */

/**
 * @typedef {object} Options
 * @property {(session: string) => WatchedPeer | null | undefined} peerOf
 * @property {() => boolean} hasRelay
 * @property {(session: string, connection: Connection, hint: string | null) => void} onChange
 * @property {() => number} [now]
 */

/**
 * @typedef {object} Watched
 * @property {Health} health
 * @property {Connection} [connection] - as it was told last
 * @property {string | null} [hint] - likewise
 * @property {{ peer: WatchedPeer, measurement: Measurement }} [measured]
 */

export class Monitor {
  /** @type {Map<string, Watched>} */
  #watched = new Map(); // by session
  #checks = 0;
  #isChecking = false;
  #timer;

  /**
   * `peerOf` returns the Peer that receives the media of a session: undefined while there is none yet,
   * null if there is nothing to receive. `hasRelay` tells whether a TURN server is configured.
   * `onChange` gets a session, its `connection` as in `Health`, and the key of a text with a hint, or
   * null.
   *
   * @param {Options} options
   */
  constructor({ peerOf, hasRelay, onChange, now = Date.now }) {
    this.peerOf = peerOf;
    this.hasRelay = hasRelay;
    this.onChange = onChange;
    this.now = now;
    this.#timer = setInterval(() => this.check(), CHECK_INTERVAL);
  }

  /** @param {string} session */
  add(session) {
    this.#watched.set(session, { health: new Health(this.now()) });
    this.look(session);
  }

  /** @param {string} session */
  remove(session) {
    this.#watched.delete(session);
  }

  close() {
    clearInterval(this.#timer);
    this.#watched.clear();
  }

  async check() {
    if (this.#isChecking) return; // a busy browser takes longer than the interval
    this.#isChecking = true;
    const isMeasured = this.#checks++ % MEASURE_EVERY === 0;
    for (const session of [...this.#watched.keys()])
      this.look(session, isMeasured ? await this.#measure(session) : null);
    this.#isChecking = false;
  }

  /**
   * Look at the state of one connection; a change of it calls this, too.
   *
   * @param {string} session
   * @param {Measured | null} [measured]
   */
  look(session, measured = null) {
    const watched = this.#watched.get(session);
    if (!watched) return;
    const peer = this.peerOf(session);
    // Who begins to send something later has as long to be connected as who has just come.
    if (peer === null) watched.health = new Health(this.now());
    const connection =
      peer === null ? "good" : watched.health.update(peer?.state ?? "new", this.now(), measured);
    const isTried = peer?.isAnswered && connection === "unreachable";
    const hint = isTried && !this.hasRelay() ? "no-turn" : null;
    if (watched.connection === connection && watched.hint === hint) return;
    Object.assign(watched, { connection, hint });
    this.onChange(session, connection, hint);
  }

  /** @param {string} session */
  async #measure(session) {
    const watched = this.#watched.get(session);
    const peer = this.peerOf(session);
    if (!watched || peer?.state !== "connected") return null;
    if (watched.measured?.peer !== peer)
      watched.measured = { peer, measurement: new Measurement() };
    return watched.measured.measurement.read(await peer.report());
  }
}
