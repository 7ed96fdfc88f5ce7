// The peer connections to everybody else in the call: one for camera and microphone, and one for
// each shared screen.
//
// Of two sessions, the one with the greater id sends the offer (the offerer), and does so again if no
// connection comes; the other (the answerer) sends one only much later, if none comes at all.

import { Connections, newSid } from "./connections.js";
import { Peer } from "./peer.js";
import { encodingFor, MANY_FOR_MESH, screenEncodingFor } from "./quality.js";
import { RetriedPeer } from "./retried-peer.js";
import { Turns } from "./turns.js";

/**
 * @import { Options } from "./connections.js"
 * @import { Options as PeerOptions } from "./peer.js"
 */

const CHECK_INTERVAL = 1000; // ms
// ms without a connection, and between two attempts
const OFFERER_DELAYS = [10_000, 15_000, 25_000, 40_000, 60_000];
const ANSWERER_DELAYS = [90_000, 120_000];
const REPEATS = 3; // of an offer without an answer, before there is a new one
const MOST_AT_ONCE = 2; // connections that are set up at a time

export class Mesh extends Connections {
  /** @type {Map<string, RetriedPeer>} */
  #avPeers = new Map(); // session → that for camera and microphone
  /** @type {Map<string, Peer>} */
  #incomingScreens = new Map(); // by session
  /** @type {Map<string, RetriedPeer>} */
  #outgoingScreens = new Map(); // by session
  /** @type {MediaStream | null} */
  #screenStream = null; // the screen that we share
  /** @type {Map<string, number>} */
  #shownHeights = new Map(); // session → height in which it shows our camera, in pixels
  /** @type {WeakMap<Peer, number>} */
  #toldHeights = new WeakMap(); // Peer → height in which we show its camera, as it was told
  /** @type {WeakSet<Peer>} */
  #settled = new WeakSet(); // those that send in full size since they were connected
  #turns = new Turns(MOST_AT_ONCE);

  /** @param {Options} options */
  constructor(options) {
    super({ ...options, checkInterval: CHECK_INTERVAL });
  }

  /** @type {(session: string, message: Message) => void} */
  receiveSignal(session, message) {
    switch (message.type) {
      case "offer":
        return this.#receiveOffer(session, message);
      case "unshareScreen":
        return this.#closeIncomingScreen(session);
      default:
        return this.#peerOf(session, message)?.receive(message);
    }
  }

  get viewers() {
    return this.sessions.length;
  }

  get isCrowded() {
    return this.sessions.length + 1 >= MANY_FOR_MESH;
  }

  get peers() {
    const retried = [...this.#avPeers.values(), ...this.#outgoingScreens.values()];
    const peers = [...retried.map(({ peer }) => peer), ...this.#incomingScreens.values()];
    return peers.filter((peer) => !!peer);
  }

  get screenPeers() {
    return [...this.#outgoingScreens.values()].map(({ peer }) => peer).filter((peer) => !!peer);
  }

  /** @param {string} session */
  receivingPeer(session) {
    const retried = this.#avPeers.get(session);
    return retried ? (retried.peer ?? undefined) : null;
  }

  /**
   * @param {string} type
   * @param {object} [payload]
   * @param {Message} [fallback]
   * @param {string | string[]} [to]
   */
  sendStatus(type, payload, fallback, to = this.sessions) {
    for (const session of [to].flat()) {
      const isSent = this.receivingPeer(session)?.sendStatus(type, payload);
      if (!isSent && fallback) this.sendMessage(fallback, session);
    }
  }

  /** @type {(kind: MediaKind, track: MediaStreamTrack | null) => void} */
  replaceTrack(kind, track) {
    for (const { peer } of this.#avPeers.values()) peer?.replaceTrack(kind, track);
  }

  /** @param {MediaStream} stream */
  share(stream) {
    this.#screenStream = stream;
    for (const session of this.sessions) this.#offerScreen(session, stream);
  }

  unshare() {
    this.#screenStream = null;
    for (const retried of this.#outgoingScreens.values()) retried.close();
    this.#outgoingScreens.clear();
    this.sendMessage({ type: "unshareScreen", roomType: "screen", payload: {} });
  }

  /** @param {string} session */
  add(session) {
    const isOfferer = this.#isOfferer(session);
    const options = isOfferer
      ? { delays: OFFERER_DELAYS }
      : { delays: ANSWERER_DELAYS, delay: ANSWERER_DELAYS[0] };
    const retried = new RetriedPeer((retried) => this.#connect(session, retried), options);
    this.#avPeers.set(session, retried);
    if (this.#screenStream) this.#offerScreen(session, this.#screenStream);
  }

  change() {} // tracks come and go without a new connection

  /** @param {string} session */
  remove(session) {
    for (const peers of [this.#avPeers, this.#outgoingScreens]) {
      peers.get(session)?.close();
      peers.delete(session);
    }
    this.#closeIncomingScreen(session);
    this.#shownHeights.delete(session);
  }

  check() {
    for (const retried of [...this.#avPeers.values(), ...this.#outgoingScreens.values()])
      retried.check();
  }

  tune() {
    for (const [session, { peer }] of this.#avPeers) {
      if (!peer?.isConnected) continue;
      if (!this.#turns.isBusy) this.#settled.add(peer);
      peer.limitVideo(this.#encoding(session, peer));
      this.#tellHeight(session, peer);
    }
    for (const peer of this.screenPeers) peer.limitVideo(this.#screenEncoding);
  }

  /** @param {string} session */
  #isOfferer(session) {
    return this.session > session;
  }

  /**
   * Offer a connection; an offer that was not answered is the same again for a while.
   *
   * @type {(session: string, retried: RetriedPeer) => void}
   */
  #connect(session, retried) {
    const { peer, failures } = retried;
    if (peer?.hasPendingOffer && failures % (REPEATS + 1) !== 1) return peer.repeatOffer();
    this.#createAvPeer(session, newSid(), retried).start();
  }

  /** @type {(session: string, message: Message) => void} */
  #receiveOffer(session, message) {
    const peer = this.#peerOf(session, message);
    if (peer) return peer.receive(message);
    if (message.roomType === "screen")
      return this.#createIncomingScreen(session, message.sid).receive(message);
    const retried = /** @type {RetriedPeer} */ (this.#avPeers.get(session));
    // Both sides sent an offer at once: that of the offerer counts.
    if (retried.peer?.hasPendingOffer && this.#isOfferer(session)) return;
    this.#createAvPeer(session, message.sid, retried).receive(message);
  }

  /** @type {(session: string, sid: string | undefined, retried: RetriedPeer) => Peer} */
  #createAvPeer(session, sid, retried) {
    const options = { localStream: this.localStream, encodings: [this.#encoding(session)] };
    /** @type {PeerOptions["on"]} */
    const on = {
      track: (track) => this.on.track(session, track),
      status: (type, payload) => this.#receiveStatus(session, type, payload),
      open: () => this.on.open(session),
      connection: () => this.connectionChanged(session),
      // The other side closed it without leaving the call, so it has begun anew, or we have to.
      channelClosed: () => this.#isOfferer(session) && retried.failed(),
    };
    return retried.replace(this.#createPeer(session, "video", sid, options, on));
  }

  /** @type {(session: string, stream: MediaStream) => void} */
  #offerScreen(session, stream) {
    this.#outgoingScreens.get(session)?.close();
    const kinds = stream.getTracks().map(({ kind }) => kind);
    /** @param {RetriedPeer} retried */
    const connect = (retried) => {
      const options = { localStream: stream, encodings: [this.#screenEncoding] };
      const on = { track() {} };
      const peer = this.#createPeer(session, "screen", newSid(), options, on, this.session);
      retried.replace(peer).start(kinds);
    };
    this.#outgoingScreens.set(session, new RetriedPeer(connect, { delays: OFFERER_DELAYS }));
  }

  /** @type {(session: string, sid: string | undefined) => Peer} */
  #createIncomingScreen(session, sid) {
    this.#incomingScreens.get(session)?.close();
    /** @type {PeerOptions["on"]} */
    const on = { track: (track) => this.on.screen(session, track) };
    const peer = this.#createPeer(session, "screen", sid, { localStream: null }, on);
    this.#incomingScreens.set(session, peer);
    return peer;
  }

  /** @param {string} session */
  #closeIncomingScreen(session) {
    const peer = this.#incomingScreens.get(session);
    if (!peer) return;
    peer.close();
    this.#incomingScreens.delete(session);
    this.on.screen(session, null);
  }

  /**
   * @param {string} session
   * @param {"video" | "screen"} kind
   * @param {string | undefined} sid
   * @param {Pick<PeerOptions, "localStream" | "encodings">} options
   * @param {PeerOptions["on"]} on
   * @param {string} [broadcaster] the session that shares its screen, which Talk's clients expect
   */
  #createPeer(session, kind, sid, options, on, broadcaster) {
    const address = { to: session, sid, roomType: kind, ...(broadcaster && { broadcaster }) };
    /** @param {any} payload */
    const named = (payload) => (payload.sdp ? { ...payload, nick: this.nick() } : payload);
    return new Peer({
      kind,
      sid,
      polite: !this.#isOfferer(session),
      servers: this.servers,
      direction: kind === "screen" ? "sendonly" : "sendrecv",
      turns: this.#turns,
      send: (type, payload) => this.signal({ ...address, type, payload: named(payload) }),
      on,
      ...options,
    });
  }

  /** @type {(session: string, message: Message) => Peer | undefined} */
  #peerOf(session, { sid, roomType }) {
    const peers =
      roomType === "screen"
        ? [this.#incomingScreens.get(session), this.#outgoingScreens.get(session)?.peer]
        : [this.#avPeers.get(session)?.peer];
    return peers.filter((peer) => !!peer).find((peer) => !sid || peer.sid === sid);
  }

  // --- how much is sent ---

  /**
   * What our camera sends to a session; little as long as its connection, or another, is set up.
   *
   * @param {string} session
   * @param {Peer} [peer]
   */
  #encoding(session, peer) {
    return encodingFor({
      viewers: this.viewers,
      height: videoHeight(this.localStream),
      shownHeight: this.#shownHeights.get(session),
      isSettling: !(peer && this.#settled.has(peer)),
    });
  }

  get #screenEncoding() {
    return screenEncodingFor({ viewers: this.viewers, height: videoHeight(this.#screenStream) });
  }

  /**
   * Tell a session how high we show its camera. Talk's clients do not know this status.
   *
   * @type {(session: string, peer: Peer) => void}
   */
  #tellHeight(session, peer) {
    const height = this.heightOf(session);
    if (!height || this.#toldHeights.get(peer) === height) return;
    if (peer.sendStatus("shownHeight", { height })) this.#toldHeights.set(peer, height);
  }

  /** @type {(session: string, type: string, payload: any) => void} */
  #receiveStatus(session, type, payload) {
    if (type !== "shownHeight") return this.on.status(session, type, payload);
    if (payload?.height > 0) this.#shownHeights.set(session, payload.height); // `tune` applies it
  }
}

/**
 * Return the height of a stream's pictures; the width of those that are upright.
 *
 * @param {MediaStream | null} stream
 */
function videoHeight(stream) {
  const { width, height } = stream?.getVideoTracks()[0]?.getSettings() ?? {};
  return width && height && Math.min(width, height);
}
