// What the server reports during a visit: lists and messages, and that our session or our part in
// the call has ended.

import { Refusal } from "../api/api.js";
import { backOff } from "../api/timing.js";
import { config } from "../page/page.js";
import { signalingFor } from "../signaling/signaling.js";
import { Outage } from "./outage.js";
import { stateAfterCall, stateAfterSession } from "./reasons.js";

/**
 * @import { Signaling } from "../signaling/signaling.js"
 * @import { Action } from "./actions.js"
 * @import { Visit } from "./visit.js"
 */

const IN_CALL = 1;
const NO_SESSION = "0";
const TOLERANCE = 2000; // ms for the way to the server
const MAX_SILENCE = 5 * 60_000; // ms; after that, nobody is brought back with the camera on

export class Reconnecting {
  #resumptions = 0; // how often the signaling was resumed since the last list

  /** @param {Visit} visit */
  constructor(visit) {
    this.visit = visit;
    this.outage = new Outage((users) => visit.isInCall && visit.call.update(users));
  }

  /** @type {(session: string, settings: SignalingSettings) => void} */
  startSignaling(session, settings) {
    const { visit } = this;
    /**
     * Ignore a callback of an earlier session's signaling.
     *
     * @template {any[]} Args
     * @param {(...args: Args) => unknown} callback
     * @returns {(...args: Args) => void}
     */
    const ifCurrent =
      (callback) =>
      (...args) =>
        visit.signaling === signaling && callback(...args);
    /** @param {Action} action */
    const enqueue = (action) => visit.actions.enqueue(action);
    /** @type {Signaling} */
    const signaling = signalingFor({
      api: visit.api,
      session,
      settings,
      onUpdate: ifCurrent((users, messages) => this.#onUpdate(signaling, users, messages)),
      onNewId: ifCurrent(() => enqueue(() => this.#onNewId(signaling))),
      onSessionGone: ifCurrent((end) => enqueue(() => this.#onSessionGone(signaling, end))),
      onConnectionLost: ifCurrent((isLost) => visit.setConnectionLost(isLost)),
    });
    visit.signaling = signaling;
    signaling.run();
  }

  connectionLost() {
    if (this.visit.isInCall) this.outage.begin();
  }

  forgetCall() {
    this.outage.reset();
  }

  /** @type {(signaling: Signaling, users: User[] | null, messages: Message[]) => void} */
  #onUpdate(signaling, users, messages) {
    const { visit } = this;
    const own = users?.find(({ sessionId }) => sessionId === signaling.id);
    if (users) this.#resumptions = 0;
    const isIn = Boolean((own?.inCall ?? 0) & IN_CALL);
    if (users && isIn && visit.call.isRunning) visit.call.update(this.outage.complete(users));
    for (const message of messages) visit.call.receive(message);
    if (visit.isInCall && users && !isIn) visit.actions.enqueue(() => this.#onOutOfCall(signaling));
    else visit.waiting.recheckSoon();
  }

  /**
   * The list says that we are out of the call: find out why, and act on it.
   *
   * @param {Signaling} signaling
   */
  async #onOutOfCall({ silence }) {
    const { visit } = this;
    if (!visit.isInCall) return;
    if (!(await this.#hasSession(silence))) return;
    if (visit.room.participantFlags & IN_CALL) return; // the list was older than our join
    await this.#goOnOutOfCall(silence);
  }

  /**
   * The signaling server has forgotten us, and knows us by another id now.
   *
   * @param {Signaling} signaling
   */
  async #onNewId({ silence }) {
    const { visit } = this;
    if (!visit.isInCall) return;
    if (!(await this.#hasSession(silence))) return;
    const isIn = visit.room.participantFlags & IN_CALL;
    visit.endCall();
    if (isIn) return visit.entering.join();
    await this.#goOnOutOfCall(silence);
  }

  /**
   * The server took us out of the call: join again after an outage, else show why.
   *
   * @param {number} silence
   */
  async #goOnOutOfCall(silence) {
    const { visit } = this;
    const { callEnd } = await visit.ask();
    const hasTimedOut = silence > this.#timeout;
    const isAway = this.#isAway(silence);
    const state = stateAfterCall(callEnd, { room: visit.room, isAway, hasTimedOut });
    if (state === "call") return visit.entering.join();
    visit.endCall();
    if (visit.waiting.showIfClosed()) return;
    visit.finish(state);
    visit.sendLeave();
  }

  /**
   * Our session is gone: find out why, and act on it.
   *
   * @type {(signaling: Signaling, ending: Ending) => Promise<void>}
   */
  async #onSessionGone(signaling, { reason }) {
    const { visit } = this;
    const { silence } = signaling;
    const isAway = this.#isAway(silence);
    const state = stateAfterSession(reason ?? (await this.#askReason()), { isAway });
    if (state === "call") return visit.entering.enter();
    if (state) return visit.finish(state);
    if (await this.#hasSession(silence)) await this.#resumeSignaling(signaling);
  }

  /** Return why our session is gone; undefined if it is not, or nobody knows. */
  async #askReason() {
    try {
      await this.visit.request(() => this.visit.api.settings());
    } catch (error) {
      if (error instanceof Refusal) return error.reason;
      throw error;
    }
    return (await this.visit.ask()).sessionEnd ?? undefined; // others may ask for settings, too
  }

  /**
   * Load the conversation; return whether our session is still there, and act on it if not.
   *
   * @param {number} silence
   */
  async #hasSession(silence) {
    const { visit } = this;
    try {
      visit.setRoom(await visit.request(() => visit.api.room()));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      visit.finish(stateAfterSession(error.reason, { isAway: true }) ?? "gone");
      return false;
    }
    if (visit.room.sessionId === visit.session) return true;
    if (this.#isReplaced) visit.finish("replaced");
    else if (silence <= this.#timeout) visit.finish("gone");
    else if (this.#isAway(silence)) visit.finish("timed-out");
    else await visit.entering.enter();
    return false;
  }

  /**
   * The session is not gone: perhaps our cookie was outdated when another window entered.
   *
   * @param {Signaling} signaling
   */
  async #resumeSignaling(signaling) {
    const { visit } = this;
    await visit.actions.unlessCancelled(backOff(++this.#resumptions));
    if (!signaling.id) return visit.entering.enter();
    signaling.run();
  }

  /** Whether a copy of this window has taken over. */
  get #isReplaced() {
    const { sessionId } = this.visit.room;
    return sessionId !== NO_SESSION && sessionId !== this.visit.session;
  }

  /**
   * Whether we were silent for so long that the visitor has to press a button to come back.
   *
   * @param {number} silence
   */
  #isAway = (silence) => silence > MAX_SILENCE && !this.visit.call.hasMedia;

  /** After how many milliseconds of silence our session may have timed out. */
  get #timeout() {
    return config.timeout * 1000 - TOLERANCE;
  }
}
