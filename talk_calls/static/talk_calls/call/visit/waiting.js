// Waiting: in the lobby, for the start of the call, or until the conversation is unlocked.

import { byId, text } from "../page/page.js";
import { isInLobby } from "./reasons.js";

/** @import { Visit } from "./visit.js" */

const RECHECK_INTERVAL = 15_000; // ms
const LONGEST_DELAY = 2 ** 31 - 1; // ms; longer timers fire at once
const AFTER_TIMER = 500; // ms after the lobby's timer
const MODERATORS = [1, 2]; // who may unlock: owner and moderator, with an account
const FORMER_ONE_TO_ONE = 5; // with somebody whose account is deleted; stays locked

export class Waiting {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #lobbyTimer;

  /** @param {Visit} visit */
  constructor(visit) {
    this.visit = visit;
    setInterval(() => this.#checkAgain(), RECHECK_INTERVAL);
  }

  /** Whether the call has not begun, and we may not begin it. */
  get mustWaitForStart() {
    const { canStartCall, hasCall } = this.visit.room;
    return !canStartCall && !hasCall;
  }

  /** Show that the conversation is locked or has a lobby for us, and return whether it has. */
  showIfClosed() {
    const { room } = this.visit;
    if (room.readOnly) this.showLocked();
    else if (isInLobby(room)) this.showLobby();
    else return false;
    return true;
  }

  showLocked() {
    const { visit } = this;
    visit.servers.forget();
    const isFormer = visit.room.type === FORMER_ONE_TO_ONE;
    byId("unlock").hidden = isFormer || !MODERATORS.includes(visit.room.participantType);
    byId("until-unlocked").hidden = isFormer;
    byId("never-unlocked").hidden = !isFormer;
    byId("ask-again").hidden = isFormer;
    visit.state.go("locked");
  }

  /** Wait in the lobby until the server reports that it is open, or its timer ends. */
  showLobby() {
    const { visit } = this;
    const { lobbyTimer } = visit.room;
    visit.servers.forget();
    byId("lobby-timer").hidden = !lobbyTimer;
    this.stop();
    if (lobbyTimer) this.#waitForTimer(lobbyTimer * 1000);
    if (!visit.state.is("lobby")) byId("lobby-told").textContent = "";
    visit.state.go("lobby");
    this.#tellWhoWasTold();
  }

  /** Look again, since something has changed. */
  recheckSoon() {
    if (this.visit.state.waits) this.visit.actions.enqueue(() => this.#recheck());
  }

  stop() {
    clearTimeout(this.#lobbyTimer);
  }

  /** @param {number} time when the lobby opens, in milliseconds since 1970 */
  #waitForTimer(time) {
    const shown = new Date(time).toLocaleString(document.documentElement.lang, {
      dateStyle: "medium",
      timeStyle: "short",
    });
    byId("lobby-timer").textContent = text("opens-at", { time: shown });
    const ms = time - this.visit.api.clock.now();
    const delay = ms > 0 ? Math.min(ms + AFTER_TIMER, LONGEST_DELAY) : RECHECK_INTERVAL;
    this.#lobbyTimer = setTimeout(() => this.recheckSoon(), delay);
  }

  /** Of a lock, and of moderators who come and go, nobody tells those outside. */
  #checkAgain() {
    if (this.visit.state.is("locked")) this.recheckSoon();
    if (this.visit.state.is("lobby")) this.#tellWhoWasTold();
  }

  async #tellWhoWasTold() {
    /** @type {Partial<VisitAnswer>} */
    const { moderatorTold } = await this.visit.api.visit().catch(() => ({}));
    if (moderatorTold === undefined || !this.visit.state.is("lobby")) return;
    const line = text(moderatorTold ? "moderator-told" : "no-moderator");
    // The same text again would be read again.
    if (byId("lobby-told").textContent !== line) byId("lobby-told").textContent = line;
  }

  /** Load the conversation, and go on if what we wait for has happened. */
  async #recheck() {
    const { visit } = this;
    if (!visit.state.waits) return;
    visit.setRoom(await visit.request(() => visit.api.room()));
    if (visit.state.is("locked")) return visit.room.readOnly ? undefined : visit.prepare();
    if (visit.state.is("waiting") && this.mustWaitForStart) return;
    await visit.entering.join();
  }
}
