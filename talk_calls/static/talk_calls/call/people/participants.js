// Who belongs to the conversation and in which role, as the API lists them.
//
// It is asked only while somebody here wants to know, and again when the signaling's list changes.

import { Refusal } from "../api/api.js";
import { backOff, batched } from "../api/timing.js";

/** @import { Api } from "../api/api.js" */

const REFRESH_DELAY = 1000; // ms; changes within are one request

export class Participants extends EventTarget {
  #api;
  #isWanted;
  /** @type {Participant[]} */
  #all = [];
  /** @type {Map<string, Participant>} */
  #bySession = new Map();
  /** @type {Promise<void> | null} */
  #asking = null; // a promise while we ask
  #isOutdated = false; // whether something changed since we asked
  #refreshSoon = batched(() => this.refresh(), REFRESH_DELAY);

  /**
   * `isWanted` tells whether to ask; plain guests and people in the lobby may not.
   *
   * @param {{ api: Api, isWanted: () => boolean }} options
   */
  constructor({ api, isWanted }) {
    super();
    this.#api = api;
    this.#isWanted = isWanted;
  }

  /** The list as of the last answer; empty before that, and while nobody wants to know. */
  get all() {
    return this.#all;
  }

  /**
   * Return the participant to whom a session of the API belongs, if the list has them.
   *
   * @param {string | undefined} session
   */
  ofSession = (session) => this.#bySession.get(session ?? "");

  /** Ask soon, since somebody came, went, or was let in. */
  refreshSoon() {
    if (this.#isWanted()) this.#refreshSoon();
    else this.clear();
  }

  /** Ask now, and wait for the answer; dispatches `change` with each. */
  async refresh() {
    if (!this.#isWanted()) return this.clear();
    this.#isOutdated = true;
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    await this.#asking;
  }

  clear() {
    if (this.#all.length) this.#set([]);
  }

  async #ask() {
    for (let failures = 0; this.#isOutdated && this.#isWanted(); ) {
      this.#isOutdated = false;
      try {
        const all = await this.#api.participants();
        if (this.#isWanted()) this.#set(all);
        failures = 0;
      } catch (error) {
        if (error instanceof Refusal) return; // we lost our role or our place
        this.#isOutdated = true;
        await backOff(++failures);
      }
    }
  }

  /** @param {Participant[]} all */
  #set(all) {
    this.#all = all;
    this.#bySession = new Map();
    for (const each of all)
      for (const session of each.sessionIds) this.#bySession.set(session, each);
    this.dispatchEvent(new Event("change"));
  }
}
