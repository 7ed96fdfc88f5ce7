// External signaling: a session at a High-performance Backend, over one WebSocket after the other.

import { Refusal, Unreachable } from "../api/api.js";
import { HpbError, HpbSocket } from "./hpb-socket.js";
import { Roster } from "./roster.js";
import { backOff, batched } from "../api/timing.js";

/** @import { Api } from "../api/api.js" */
/** @import { Frame } from "./hpb-socket.js" */

const MERGE_DELAY = 50; // ms; one change is often told by several events
const SHOW_LOSS_AFTER = 1500; // ms without a connection after which the page says so
const MAX_FAILURES = 4; // that make the back-off longer, so that it is 4 s at most
const SILENCE_LIFE = 25_000; // ms for which an outage that is over still counts
const TICK = 5000; // ms
const MOST_WAITING = 500; // frames kept while there is no connection; the oldest go first
const SUSPENDED_AFTER = 120_000; // ms without a tick; in the background there is one each minute

const GONE = { status: 404 };
const REPLACED = { status: 409, reason: "replaced" };
/** What ends the session of the API, by the code of an error or the reason of a goodbye. */
/** @type {Record<string, Ending>} */
const ENDS = {
  no_such_room: GONE,
  duplicate_session: REPLACED,
  room_session_reconnected: REPLACED,
  session_resumed: REPLACED,
};

export class Hpb {
  #roster = new Roster();
  #stopController = new AbortController();
  /** @type {(isJoined: boolean) => void} */
  #settleJoined = () => {};
  #joined = new Promise((resolve) => (this.#settleJoined = resolve));
  /** @type {HpbSocket} */
  #socket; // not there before the first connection
  #isJoined = false; // whether we are in the room over this socket
  /** @type {string | null} */
  #resumeId = null; // continues the session at the server, which keeps it for 30 s
  /** @type {string[]} */
  #features = [];
  #usesTicket = false; // whether to say hello with a ticket, since the token was refused
  /** @type {object[]} */
  #outbox = []; // frames that wait for the connection
  /** @type {Ending | null} */
  #ending = null;
  /** @type {number | undefined} */
  #lossTimer;
  #tickAt = Date.now();
  #reachedAt = Date.now();
  #outage = { length: 0, endedAt: 0 };
  #updateSoon = batched(() => this.#update(), MERGE_DELAY);

  /** @type {string | null} */
  id = null;
  /** @type {SignalingSettings & { isUsed?: boolean }} */
  settings;

  /**
   * @param {SignalingCallbacks & {
   *   api: Api,
   *   session: string,
   *   settings: SignalingSettings,
   * }} options
   */
  constructor({ api, session, settings, onUpdate, onNewId, onSessionGone, onConnectionLost }) {
    this.api = api;
    this.session = session;
    this.settings = settings;
    this.onUpdate = onUpdate;
    this.onNewId = onNewId;
    this.onSessionGone = onSessionGone;
    this.onConnectionLost = onConnectionLost;
    const { signal } = this.#stopController;
    // A connection may look open for minutes after the network or the machine has stopped.
    addEventListener("offline", () => this.#socket?.close(), { signal });
    const timer = setInterval(() => this.#tick(), TICK);
    signal.addEventListener("abort", () => clearInterval(timer));
  }

  get hasMcu() {
    return this.#features.includes("mcu");
  }

  get hasSimulcast() {
    return this.#features.includes("simulcast");
  }

  /** The server pings the site for us, for as long as we are connected. */
  get silence() {
    return Date.now() - this.#outage.endedAt < SILENCE_LIFE ? this.#outage.length : 0;
  }

  get #stopped() {
    return this.#stopController.signal.aborted;
  }

  joined = () => this.#joined;

  async run() {
    this.#ending = null;
    for (let failures = 1; !this.#stopped; failures++) {
      const resumeId = this.#resumeId;
      this.#lossTimer ??= setTimeout(() => this.onConnectionLost(true), SHOW_LOSS_AFTER);
      try {
        await this.#connect();
        failures = 0;
        await this.#socket.closed;
      } catch (error) {
        this.#failed(error);
      }
      this.#socket?.close();
      this.#isJoined = false;
      if (this.#stopped) return;
      if (this.#ending) return this.#sessionGone();
      // A server that works, and does not know the session any more, is asked for a new one at once.
      if (resumeId && !this.#resumeId) continue;
      await backOff(Math.min(failures + 1, MAX_FAILURES));
    }
  }

  stop() {
    this.#stopController.abort();
    clearTimeout(this.#lossTimer);
    this.#settleJoined(false);
    if (this.#isJoined) this.#socket.send({ type: "bye", bye: {} });
    this.#socket?.close();
  }

  /** @param {Message} message */
  send({ to, ...data }) {
    const recipient = { type: "session", sessionid: to };
    // The server lets only moderators send control messages.
    if (data.type === "control")
      this.#post({ type: "control", control: { recipient, data: data.payload } });
    else this.#post({ type: "message", message: { recipient, data: { to, ...data } } });
  }

  // --- connecting ---

  async #connect() {
    const settings = this.#resumeId ? this.settings : await this.#currentSettings();
    if (this.#stopped) throw new Unreachable("stopped while the site was asked");
    await this.#open(settings.server);
    const idBefore = this.id;
    if (this.#resumeId) await this.#resume();
    else await this.#enter(settings);
    this.#isJoined = true;
    for (const frame of this.#outbox.splice(0)) this.#socket.send(frame);
    this.#serverReached();
    this.#settleJoined(true);
    if (idBefore !== null && idBefore !== this.id) this.onNewId();
  }

  /** @param {string} server */
  async #open(server) {
    this.#socket = new HpbSocket(socketAddress(server), (frame) => this.#receive(frame));
    try {
      await this.#socket.open();
    } catch (error) {
      // The site may know another server of a cluster, which takes the session up or begins anew.
      if (this.#resumeId) this.settings = await this.api.settings();
      throw error;
    }
  }

  /** Ask for other settings than last time: tickets and tokens are valid for a short time only. */
  async #currentSettings() {
    const settings = this.settings.isUsed ? await this.api.settings() : this.settings;
    this.settings = { ...settings, isUsed: true };
    return settings;
  }

  async #resume() {
    const resumeid = this.#resumeId;
    this.#resumeId = null; // if the server has forgotten us, the next connection is a new session
    await this.#socket.request("hello", { version: "1.0", resumeid });
    this.#resumeId = resumeid;
  }

  /** @param {SignalingSettings} settings */
  async #enter({ helloAuthParams }) {
    const { hello } = await this.#sayHello(helloAuthParams);
    this.#features = hello.server?.features ?? this.#socket.features;
    this.#roster = new Roster();
    this.#outbox = [];
    await this.#enterRoom();
    this.#resumeId = hello.resumeid;
    this.id = hello.sessionid;
  }

  /** @param {SignalingSettings["helloAuthParams"]} authParams */
  async #sayHello(authParams) {
    const hasToken = authParams["2.0"] && this.#socket.features.includes("hello-v2");
    const version = hasToken && !this.#usesTicket ? "2.0" : "1.0";
    const url = this.api.address("v3/signaling/backend");
    const auth = { url, params: authParams[version] };
    try {
      return await this.#socket.request("hello", { version, auth });
    } catch (error) {
      this.#usesTicket = version === "2.0";
      throw error;
    }
  }

  async #enterRoom() {
    const room = { roomid: this.api.token, sessionid: this.session };
    await this.#socket.request("room", room).catch((error) => {
      if (error.code !== "already_joined") throw error;
    });
  }

  /** @param {unknown} error */
  #failed(error) {
    if (error instanceof Refusal) this.#ending = error;
    else if (error instanceof HpbError) this.#ending = ENDS[error.code] ?? null;
    else if (!(error instanceof Unreachable || this.#stopped)) console.error("talk_calls:", error);
  }

  #sessionGone() {
    clearTimeout(this.#lossTimer);
    this.#lossTimer = undefined;
    this.#resumeId = null;
    this.#settleJoined(false);
    this.onSessionGone(/** @type {Ending} */ (this.#ending));
  }

  #serverReached() {
    clearTimeout(this.#lossTimer);
    this.#lossTimer = undefined;
    this.onConnectionLost(false);
    const now = Date.now();
    this.#outage = { length: now - this.#reachedAt, endedAt: now };
    this.#reachedAt = now;
  }

  #tick() {
    const now = Date.now();
    const wasSuspended = now - this.#tickAt > SUSPENDED_AFTER;
    this.#tickAt = now;
    if (wasSuspended) this.#socket?.close();
    else if (this.#isJoined) this.#reachedAt = now;
  }

  // --- frames ---

  /** @param {object} frame */
  #post(frame) {
    if (this.#isJoined && !this.#socket.isClosed) this.#socket.send(frame);
    else if (this.#outbox.push(frame) > MOST_WAITING) this.#outbox.shift();
  }

  /** @param {Frame} frame */
  #receive({ type, event, message, control, bye }) {
    switch (type) {
      case "event":
        return this.#receiveEvent(event);
      case "message":
        // Anybody may send messages; a control frame shows that the server let its sender send it.
        if (message.data?.type === "control") return;
        return this.onUpdate(null, [{ ...message.data, from: message.sender.sessionid }]);
      case "control": {
        const { sender, data } = control;
        return this.onUpdate(null, [{ type: "control", payload: data, from: sender.sessionid }]);
      }
      case "room": // its properties have changed
        return this.#updateSoon();
      case "bye":
        return this.#end(ENDS[bye?.reason] ?? null);
    }
  }

  /** @param {any} event */
  #receiveEvent(event) {
    const removed = event.target === "roomlist" && event.disinvite;
    if (removed?.roomid === this.api.token) return this.#end(GONE);
    this.#roster.apply(event);
    this.#updateSoon();
  }

  /**
   * Close the connection, and report the session as gone if that ended it.
   *
   * @param {Ending | null} ending
   */
  #end(ending) {
    this.#ending = ending;
    this.#socket.close();
  }

  /** Report the list, once it tells whether we are in the call. */
  #update() {
    if (this.#stopped) return;
    this.onUpdate(this.id && this.#roster.knows(this.id) ? this.#roster.users : null, []);
  }
}

/**
 * Return the address of the WebSocket of a server, whose address the settings have for HTTP.
 *
 * @param {string} server
 */
function socketAddress(server) {
  return `${server.replace(/^http/, "ws").replace(/\/$/, "")}/spreed`;
}
