// Tells moderators who waits in the lobby: a list that is always there, and news of who came.

import { whoWaits } from "./waiting.js";

/** @import { Participants } from "../people/participants.js" */

const NEWS_INTERVAL = 4000; // ms; who comes in between is told together
const RECHECK_INTERVAL = 30_000; // ms; nobody reports that somebody stopped to wait without a word

export class Lobby {
  #participants;
  #hasLobby;
  #timeout;
  #onWaiting;
  #onNewcomers;
  /** @type {Participant[]} */
  #waiting = [];
  /** @type {Participant[]} */
  #untold = [];
  #toldAt = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | null} */
  #newsTimer = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #recheckTimer;

  /**
   * `participants` is the list to watch, `hasLobby` tells whether we admit people to this
   * conversation and its lobby is up, and `timeout` after how many seconds silent people are gone.
   * `onWaiting` gets all who wait, `onNewcomers` those of them who came since the last time.
   *
   * @param {{
   *   participants: Participants,
   *   hasLobby: () => boolean,
   *   timeout: number,
   *   onWaiting: (people: Participant[]) => void,
   *   onNewcomers: (people: Participant[]) => void,
   * }} options
   */
  constructor({ participants, hasLobby, timeout, onWaiting, onNewcomers }) {
    this.#participants = participants;
    this.#hasLobby = hasLobby;
    this.#timeout = timeout;
    this.#onWaiting = onWaiting;
    this.#onNewcomers = onNewcomers;
    participants.addEventListener("change", () => this.update());
  }

  get waiting() {
    return this.#waiting;
  }

  /** Tell anew who waits, as the list or the lobby has changed. */
  update() {
    const before = new Set(this.#waiting.map(({ attendeeId }) => attendeeId));
    const options = { hasLobby: this.#hasLobby(), timeout: this.#timeout };
    this.#waiting = whoWaits(this.#participants.all, options);
    this.#onWaiting(this.#waiting);
    this.#untold.push(...this.#waiting.filter(({ attendeeId }) => !before.has(attendeeId)));
    this.#tellSoon();
    clearTimeout(this.#recheckTimer);
    if (this.#waiting.length)
      this.#recheckTimer = setTimeout(() => this.#participants.refresh(), RECHECK_INTERVAL);
  }

  #tellSoon() {
    if (!this.#untold.length || this.#newsTimer) return;
    const delay = Math.max(0, this.#toldAt + NEWS_INTERVAL - Date.now());
    this.#newsTimer = setTimeout(() => this.#tell(), delay);
  }

  #tell() {
    this.#newsTimer = null;
    this.#toldAt = Date.now();
    const waiting = new Set(this.#waiting.map(({ attendeeId }) => attendeeId));
    const news = this.#untold.splice(0).filter(({ attendeeId }) => waiting.has(attendeeId));
    if (news.length) this.#onNewcomers(news);
  }
}
