// The visit of a conversation: which state it is in, and what leads from one to the next.

import { ignoreRefusal } from "../api/api.js";
import { retry } from "../api/timing.js";
import { byId, config } from "../page/page.js";
import { show } from "../page/views.js";
import { Actions } from "./actions.js";
import { Before, isBan } from "./before.js";
import { showDownload } from "./download.js";
import { Entering } from "./entering.js";
import { IceServers } from "./ice-servers.js";
import { keepsSession } from "./keep-session.js";
import { stateAfterSession } from "./reasons.js";
import { Reconnecting } from "./reconnecting.js";
import { STATES, VisitState } from "./states.js";
import { Waiting } from "./waiting.js";

/**
 * @import { Api, Refusal } from "../api/api.js"
 * @import { Call } from "../call.js"
 * @import { Media } from "../devices/media.js"
 * @import { Signaling } from "../signaling/signaling.js"
 * @import { Action } from "./actions.js"
 */

export class Visit {
  state = new VisitState((name, before) => this.#changed(name, before));
  actions = new Actions((error) => this.#failed(error));
  room = /** @type {Room} */ ({}); // empty until it was loaded
  /** @type {string | null} */
  session = null; // of the API, once we entered
  /** @type {Signaling | null} */
  signaling = null;
  isInCall = false;
  /** @type {Promise<void> | null} */
  #leaving = null; // the last request to leave

  /**
   * `guestName` returns the name that a guest typed.
   *
   * @param {{ api: Api, media: Media, call: Call, guestName: () => string }} options
   */
  constructor({ api, media, call, guestName }) {
    this.api = api;
    this.media = media;
    this.call = call;
    this.guestName = guestName;
    this.servers = new IceServers({
      ask: () => this.request(() => api.settings()),
      lifetime: config.turnLifetime,
      now: api.clock.now,
      onRenewed: (servers) => call.setServers(servers),
    });
    this.before = new Before({
      api,
      onName: (name) => this.setTitle(name),
      onBan: () => this.finish("banned"),
    });
    this.waiting = new Waiting(this);
    this.entering = new Entering(this);
    this.reconnecting = new Reconnecting(this);
  }

  // --- what the visitor does ---

  /**
   * Do what a button means in the current state; `act` is its `data-act`.
   *
   * @param {string | undefined} act
   */
  press(act) {
    const method = this.state.action(act ?? "");
    if (method) this[method]();
  }

  /** Load the conversation, and show the form before the call. */
  open = () => this.#wish(() => this.#open());

  /** Enter the conversation and join its call; a user who is in it elsewhere is asked first. */
  enter = () => this.#wish(() => this.entering.begin());

  /** @param {string} password */
  enterWith = (password) => this.#wish(() => this.entering.enter({ password }));

  /** Agree to be recorded. */
  agree = () => this.#wish(() => this.entering.enter({ consents: true }));

  /** Take part from here, and no longer from one's other devices and windows. */
  switchHere = () =>
    this.#wish(async () => {
      if (config.name !== null)
        await this.request(() => this.api.endOtherDevices()).catch(ignoreRefusal);
      await this.entering.enter();
    });

  /** Take part from here as well; two open microphones in a room would howl. */
  joinMuted = () =>
    this.#wish(async () => {
      await this.media.set("audio", false);
      await this.entering.enter();
    });

  unlock = () =>
    this.#wish(async () => {
      await this.api.setLock(0);
      this.prepare();
    });

  /** Leave the conversation, and cancel whatever is going on. */
  leave() {
    this.actions.cancel();
    this.finish("left");
    this.sendLeave();
  }

  /**
   * Leave while the page unloads. Perhaps it is loaded again: who typed a password keeps the session,
   * which stands for it, until it times out.
   */
  leaveOnUnload() {
    if (this.session === null) return;
    if (keepsSession(this.room)) this.api.leaveCall().catch(() => {});
    else this.sendLeave();
  }

  /** Begin anew when the browser shows the page again that it had unloaded. */
  resume() {
    if (this.session === null) return;
    this.actions.cancel();
    this.stop();
    this.open();
  }

  // --- what the parts of the visit share ---

  /** Show the form before the call. */
  prepare() {
    if (this.session !== null) this.sendLeave();
    this.stop();
    this.state.go("ready");
  }

  /** @param {Room} room */
  setRoom(room) {
    this.room = room;
    this.call.setRoom(room);
    this.setTitle(room.displayName);
  }

  /** @param {string | undefined} name */
  setTitle(name) {
    if (name) byId("conversation").textContent = document.title = name;
  }

  /**
   * Ask how the visit stands; without an answer, nothing is known.
   *
   * @returns {Promise<Partial<VisitAnswer>>}
   */
  async ask() {
    try {
      const answer = await this.request(() => this.api.visit());
      this.setTitle(answer.displayName);
      return answer;
    } catch (error) {
      ignoreRefusal(error);
      return {};
    }
  }

  /**
   * Ask the server until it answers, and return its answer or throw its refusal.
   *
   * @template Result
   * @param {() => Promise<Result>} attempt
   */
  request(attempt) {
    const answered = retry(attempt, (isLost) => this.setConnectionLost(isLost));
    return this.actions.unlessCancelled(answered);
  }

  /** Wait for our last leave; it might end a session that begins before it arrives. */
  hasLeft = () => this.actions.unlessCancelled(this.#leaving);

  sendLeave() {
    this.#leaving = this.api.leave().catch(() => {});
  }

  /** @param {boolean} isLost */
  setConnectionLost(isLost) {
    byId("trouble").hidden = !isLost;
    this.call.setPaused(isLost);
    if (isLost) this.reconnecting.connectionLost();
  }

  /** End the call for this page; it stays in the conversation. */
  endCall() {
    this.isInCall = false;
    this.call.end();
    this.reconnecting.forgetCall();
  }

  /** End the session for this page. */
  stop() {
    this.endCall();
    this.waiting.stop();
    this.servers.forget();
    this.signaling?.stop();
    this.signaling = null;
    this.session = null;
    this.actions.forgetQueue();
    this.setConnectionLost(false);
  }

  /** @param {string} state */
  finish(state) {
    this.stop();
    this.state.go(state);
  }

  // --- inside ---

  /**
   * The wish is of this state: in another one nobody has it any more.
   *
   * @param {Action} action
   */
  #wish(action) {
    const { name } = this.state;
    this.actions.wish(() => this.state.is(name) && action());
  }

  async #open() {
    this.setRoom(await this.request(() => this.api.room()));
    if (this.room.readOnly) this.waiting.showLocked();
    else this.state.go("ready");
  }

  /** @type {(name: string, before: string) => void} */
  #changed(name, before) {
    const { media: hasMedia } = STATES[name];
    if (!hasMedia) this.media.close();
    else if (!STATES[before].media) this.media.open();
    show(name);
    showDownload(name, before === "call" ? this.call.room : null);
    if (name === "banned") this.#showBanNote();
    this.before.setShown(name === "ready");
  }

  /** Show what a moderator wants us to read. */
  async #showBanNote() {
    byId("ban-note").hidden = true;
    /** @type {Partial<VisitAnswer>} */
    const { ban } = await this.api.visit().catch(() => ({}));
    byId("ban-note").textContent = ban ?? "";
    byId("ban-note").hidden = !ban;
  }

  /** Find out whether there is no such conversation, or none for us. */
  async #notFound() {
    const answer = await this.api.visit().catch(() => ({}));
    this.finish(isBan(answer) ? "banned" : "not-found");
  }

  /** @param {Partial<Refusal>} error */
  #failed(error) {
    const state = stateAfterSession(error.reason, { isAway: true });
    if (state) return this.finish(state);
    if (error.status === 404) return this.#notFound();
    if (error.status === 401) return this.finish("logged-out");
    console.warn("talk_calls:", error);
    this.finish("failed");
  }
}
