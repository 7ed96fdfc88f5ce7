// What the server reports during a visit: lists and messages, and that our session or our part in
// the call has ended.

import { backOff } from "../api/timing.js";
import { config } from "../page/page.js";
import { signalingFor } from "../signaling/signaling.js";
import { Outage } from "./outage.js";
import { stateAfterCall, stateAfterSession } from "./reasons.js";

const IN_CALL = 1;
const NO_SESSION = "0";
const TOLERANCE = 2000; // ms for the way to the server
const MAX_SILENCE = 5 * 60_000; // ms; after that, nobody is brought back with the camera on

export class Reconnecting {
  #resumptions = 0; // how often the signaling was resumed since the last list

  constructor(visit) {
    this.visit = visit;
    this.outage = new Outage((users) => visit.isInCall && visit.call.update(users));
  }

  startSignaling(settings) {
    const { visit } = this;
    // Callbacks of an earlier session's signaling are ignored.
    const ifCurrent =
      (callback) =>
      (...args) =>
        visit.signaling === signaling && callback(...args);
    const enqueue = (action) => visit.actions.enqueue(action);
    const signaling = signalingFor({
      api: visit.api,
      session: visit.session,
      settings,
      onUpdate: ifCurrent((users, messages) => this.#onUpdate(users, messages)),
      onNewId: ifCurrent(() => enqueue(() => this.#onNewId())),
      onSessionGone: ifCurrent((refusal) => enqueue(() => this.#onSessionGone(refusal))),
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

  #onUpdate(users, messages) {
    const { visit } = this;
    const own = users?.find(({ sessionId }) => sessionId === visit.signaling.id);
    if (users) this.#resumptions = 0;
    const isIn = Boolean(own?.inCall & IN_CALL);
    if (isIn && visit.call.isRunning) visit.call.update(this.outage.complete(users));
    for (const message of messages) visit.call.receive(message);
    if (visit.isInCall && users && !isIn) visit.actions.enqueue(() => this.#onOutOfCall());
    else visit.waiting.recheckSoon();
  }

  /** The list says that we are out of the call: find out why, and act on it. */
  async #onOutOfCall() {
    const { visit } = this;
    if (!visit.isInCall) return;
    const { silence } = visit.signaling;
    if (!(await this.#hasSession(silence))) return;
    if (visit.room.participantFlags & IN_CALL) return; // the list was older than our join
    await this.#goOnOutOfCall(silence);
  }

  /** The signaling server has forgotten us, and knows us by another id now. */
  async #onNewId() {
    const { visit } = this;
    if (!visit.isInCall) return;
    const { silence } = visit.signaling;
    if (!(await this.#hasSession(silence))) return;
    const isIn = visit.room.participantFlags & IN_CALL;
    visit.endCall();
    if (isIn) return visit.entering.join();
    await this.#goOnOutOfCall(silence);
  }

  /** The server took us out of the call: join again after an outage, else show why. */
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

  /** Our session is gone: find out why, and act on it. */
  async #onSessionGone({ reason }) {
    const { visit } = this;
    const { silence } = visit.signaling;
    const isAway = this.#isAway(silence);
    const state = stateAfterSession(reason ?? (await this.#askReason()), { isAway });
    if (state === "call") return visit.entering.enter();
    if (state) return visit.finish(state);
    if (await this.#hasSession(silence)) await this.#resumeSignaling();
  }

  /** Return why our session is gone; undefined if it is not, or nobody knows. */
  async #askReason() {
    try {
      await this.visit.request(() => this.visit.api.settings());
    } catch (error) {
      if (error.status) return error.reason;
      throw error;
    }
    return (await this.visit.ask()).sessionEnd ?? undefined; // others may ask for settings, too
  }

  /** Load the conversation; return whether our session is still there, and act on it if not. */
  async #hasSession(silence) {
    const { visit } = this;
    try {
      visit.setRoom(await visit.request(() => visit.api.room()));
    } catch (error) {
      if (!error.status) throw error;
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

  /** The session is not gone: perhaps our cookie was outdated when another window entered. */
  async #resumeSignaling() {
    const { visit } = this;
    await visit.actions.unlessCancelled(backOff(++this.#resumptions));
    if (!visit.signaling.id) return visit.entering.enter();
    visit.signaling.run();
  }

  /** Whether a copy of this window has taken over. */
  get #isReplaced() {
    const { sessionId } = this.visit.room;
    return sessionId !== NO_SESSION && sessionId !== this.visit.session;
  }

  /** Whether we were silent for so long that the visitor has to press a button to come back. */
  #isAway = (silence) => silence > MAX_SILENCE && !this.visit.call.hasMedia;

  /** After how many milliseconds of silence our session may have timed out. */
  get #timeout() {
    return config.timeout * 1000 - TOLERANCE;
  }
}
