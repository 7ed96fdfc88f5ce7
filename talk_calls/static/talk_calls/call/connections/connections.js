// What a mesh and a media server have in common: who else is in the call, and messages to them.
//
// Messages of a session are handled once the server's list says that it is in the call; until then
// they are queued for a moment, in case the list is late.

import { Monitor } from "./monitor.js";

/**
 * @import { Options as MonitorOptions } from "./monitor.js"
 * @import { Peer } from "./peer.js"
 */

const IN_CALL = 1;
const EARLY_MESSAGE_LIFE = 5000; // ms for which messages of unlisted sessions are kept
const MOST_EARLY_MESSAGES = 500; // of them; who is not in the call may send without end

/**
 * What is called when something about a session of the call is new.
 *
 * @typedef {object} Callbacks
 * @property {(session: string, flags: number) => void} joined
 * @property {(session: string) => void} left
 * @property {(session: string, flags: number) => void} flags
 * @property {(session: string, track: MediaStreamTrack) => void} track
 * @property {(session: string, track: MediaStreamTrack | null) => void} screen - null at its end
 * @property {(session: string, type: string, payload: any) => void} status
 * @property {(session: string, message: Message) => void} message
 * @property {(session: string) => void} open - it can receive a status from now on
 * @property {MonitorOptions["onChange"]} connection
 *
 * @typedef {object} Options
 * @property {string} session
 * @property {RTCIceServer[]} servers
 * @property {MediaStream} localStream
 * @property {() => string} nick
 * @property {(message: Message) => void} send
 * @property {Callbacks} on
 */

/**
 * A subclass has its own of the members that are empty here; `check()` and `tune()` are called every
 * `checkInterval` milliseconds. For the page it has:
 * - `replaceTrack(kind, track)`: send another track, or none with null
 * - `share(stream)`, `unshare()`: send a screen
 * - `sendStatus(type, payload, fallback, to)`: send a status to one session or all, over data
 *   channels, or as the message `fallback` over the server
 * - `viewers`: for how many the camera is encoded, or "simulcast"; see `captureFor`
 * - `isCrowded`: whether there are more people than this kind of connections is made for
 */
export class Connections {
  /** @type {Map<string, number>} */
  #flags = new Map(); // session → in-call flags of everybody else in the call
  /** @type {{ message: Message, at: number }[]} */
  #earlyMessages = [];
  /** @type {Map<string, number>} */
  #heights = new Map(); // session → height of its picture on our screen
  #checkTimer;
  #monitor;

  /** Whether the server cannot be reached, so that connecting again would be useless. */
  isPaused = false;

  /**
   * `session` is our id among the sessions of the call, and `send` sends a message over the server.
   *
   * @param {Options & { checkInterval: number }} options
   */
  constructor({ session, servers, localStream, nick, send, on, checkInterval }) {
    this.session = session;
    this.servers = servers;
    this.localStream = localStream;
    this.nick = nick;
    this.on = on;
    this.signal = send;
    this.#checkTimer = setInterval(() => this.#check(), checkInterval);
    this.#monitor = new Monitor({
      peerOf: (session) => this.receivingPeer(session),
      hasRelay: () => this.servers.some(({ urls }) => [urls].flat().some(isRelay)),
      onChange: (...change) => this.on.connection(...change),
    });
  }

  // --- what differs between the two ---

  /** Somebody joined the call. @type {(session: string, flags: number) => void} */
  add() {}

  /** The in-call flags of somebody are others. @type {(session: string, flags: number) => void} */
  change() {}

  /** Somebody left the call. @type {(session: string) => void} */
  remove() {}

  /**
   * Handle an offer, an answer or a candidate.
   *
   * @type {(session: string, message: Message) => void}
   */
  receiveSignal() {}

  /** Begin anew what failed. */
  check() {}

  /** Adapt what is sent and received. */
  tune() {}

  /** @returns {Peer[]} */
  get peers() {
    return [];
  }

  /**
   * Return the Peer with camera and microphone of a session, as in `Monitor`.
   *
   * @type {(session: string) => Peer | null | undefined}
   */
  receivingPeer() {
    return null;
  }

  // --- what they have in common ---

  /** The sessions of everybody else in the call. */
  get sessions() {
    return [...this.#flags.keys()];
  }

  /** @param {string} session */
  flagsOf = (session) => this.#flags.get(session);

  /**
   * The height in which the picture of a session is shown, in pixels of the screen.
   *
   * @param {string} session
   */
  heightOf = (session) => this.#heights.get(session) ?? 0;

  /**
   * Apply the server's list of users.
   *
   * @param {User[]} users
   */
  update(users) {
    const present = new Map(
      users
        .filter(({ sessionId, inCall }) => sessionId !== this.session && inCall & IN_CALL)
        .map(({ sessionId, inCall }) => [sessionId, inCall]),
    );
    for (const session of this.sessions) if (!present.has(session)) this.#leave(session);
    for (const [session, flags] of present) this.#apply(session, flags);
    for (const { message, at } of this.#earlyMessages.splice(0)) {
      if (Date.now() - at < EARLY_MESSAGE_LIFE) this.receive(message, at);
    }
  }

  /** @param {Message} message */
  receive(message, at = Date.now()) {
    const { from: session = "", type } = message;
    if (!this.#flags.has(session)) return this.#keep(message, at);
    switch (type) {
      case "offer":
      case "answer":
      case "candidate":
      case "unshareScreen":
        return this.receiveSignal(session, message);
      default:
        return this.on.message(session, message);
    }
  }

  /**
   * Send a message over the server to one session, or to all.
   *
   * @param {Message} message
   * @param {string | string[]} [to]
   */
  sendMessage(message, to = this.sessions) {
    for (const session of [to].flat())
      this.signal({ ...message, to: session, roomType: message.roomType ?? "video" });
  }

  /**
   * Set how high the picture of a session is shown, in pixels of the screen.
   *
   * @type {(session: string, viewed: { height: number }) => void}
   */
  setViewed(session, { height }) {
    this.#heights.set(session, height); // `tune` applies it
  }

  /**
   * Use other STUN and TURN servers, as when credentials expire.
   *
   * @param {RTCIceServer[]} servers
   */
  setServers(servers) {
    this.servers = servers;
    for (const peer of this.peers) peer.setServers(servers);
  }

  /**
   * Tell from now on how good the connection of a session is.
   *
   * @param {string} session
   */
  watch(session) {
    this.#monitor.add(session);
  }

  /**
   * The state of the Peer that receives the media of a session is another one.
   *
   * @param {string} session
   */
  connectionChanged(session) {
    this.#monitor.look(session);
    this.tune();
  }

  close() {
    clearInterval(this.#checkTimer);
    this.#monitor.close();
    for (const session of this.sessions) this.#leave(session);
  }

  #check() {
    if (!this.isPaused) this.check();
    this.tune();
  }

  /** @type {(message: Message, at: number) => void} */
  #keep(message, at) {
    this.#earlyMessages.push({ message, at });
    if (this.#earlyMessages.length > MOST_EARLY_MESSAGES) this.#earlyMessages.shift();
  }

  /** @type {(session: string, flags: number) => void} */
  #apply(session, flags) {
    const before = this.#flags.get(session);
    this.#flags.set(session, flags);
    if (before === undefined) {
      this.on.joined(session, flags);
      this.add(session, flags);
      this.watch(session);
    } else if (before !== flags) {
      this.on.flags(session, flags);
      this.change(session, flags);
    }
  }

  /** @param {string} session */
  #leave(session) {
    this.remove(session);
    this.#monitor.remove(session);
    this.#heights.delete(session);
    this.#flags.delete(session);
    this.on.left(session);
  }
}

/** @param {string} url */
const isRelay = (url) => /^turns?:/i.test(url);

let count = 0;
/** Return an id for a new peer connection (`sid`), unique between two sessions. */
export const newSid = () => `${Date.now()}${String(count++ % 1000).padStart(3, "0")}`;
