// The peer connections over a media server (an SFU): we send camera and microphone once, our screen
// once more, and receive those of each other session.
//
// To publish, a session sends an offer to itself. To receive, it asks the session that publishes for
// an offer (`requestoffer`), or that session has one sent (`sendoffer`); the media server speaks in
// the name of that session.

import { Connections, newSid } from "./connections.js";
import { Peer } from "./peer.js";
import { screenEncodingFor } from "./quality.js";
import { RetriedPeer } from "./retried-peer.js";
import { SIZES, sizeFor } from "./simulcast.js";

/**
 * @import { Options } from "./connections.js"
 * @import { Options as PeerOptions } from "./peer.js"
 */

const CHECK_INTERVAL = 500; // ms
const ANY_MEDIA = 2 | 4; // in-call flags: audio, video
const REPUBLISH_DELAY = 1000; // ms, in which the media server ends the earlier connection
const OFFER_TIMEOUT = 3000; // ms from an offer to a connection
const SELECT_INTERVAL = 1000; // ms between two choices of a size
const MAX_BITRATE = 950_000; // bit/s of a camera in one size; media servers drop more than 1 Mbit/s
const MAX_FAILURES = 4; // of a screen; its end is a message that may be lost

export class Sfu extends Connections {
  /** @type {RetriedPeer | null} */
  #publisher = null; // for camera and microphone, once there is something to send
  #publishedKinds = "";
  #wasPublished = false;
  /** @type {RetriedPeer | null} */
  #screen = null; // for the screen that we share
  /** @type {Map<string, RetriedPeer>} */
  #cameras = new Map(); // session → that which receives camera and microphone
  /** @type {Map<string, RetriedPeer>} */
  #screens = new Map(); // session → that which receives a screen
  /** @type {WeakMap<Peer, { size: number, at: number }>} */
  #selected = new WeakMap(); // Peer → the size that it receives, and when we asked for it
  #isListed = false; // whether the server's list has us in the call

  /**
   * `hasSimulcast` tells whether the media server forwards one of several sizes of a camera;
   * `allowedKinds` returns what we may send, of "audio" and "video".
   *
   * @param {Options & { hasSimulcast: boolean, allowedKinds: () => string[] }} options
   */
  constructor({ hasSimulcast, allowedKinds, ...options }) {
    super({ ...options, checkInterval: CHECK_INTERVAL });
    this.hasSimulcast = hasSimulcast;
    this.allowedKinds = allowedKinds;
  }

  /** @param {User[]} users */
  update(users) {
    this.#isListed = true;
    this.#publish();
    super.update(users);
  }

  /** @type {(message: Message, at?: number) => void} */
  receive(message, at) {
    // The media server answers what we sent to ourselves.
    if (message.from === this.session) this.receiveSignal(this.session, message);
    else super.receive(message, at);
  }

  /** @type {(session: string, message: Message) => void} */
  receiveSignal(session, message) {
    if (message.type === "unshareScreen") return this.#closeScreenOf(session);
    const isScreen = message.roomType === "screen";
    if (session === this.session) {
      const published = isScreen ? this.#screen : this.#publisher;
      return published?.peer?.receive(message);
    }
    const received = isScreen ? this.#screenOf(session, message) : this.#cameras.get(session);
    if (!received) return;
    // Old servers send no id; each of their offers is a new connection.
    const known = message.sid === received.peer?.sid ? received.peer : null;
    if (message.type === "offer" && !(known && message.sid))
      received.replace(this.#subscriber(session, message, received)).receive(message);
    else known?.receive(message);
  }

  /** @type {(session: string, flags: number) => void} */
  add(session, flags) {
    this.change(session, flags);
    this.on.open(session); // we do not learn when it receives our data channel
    if (this.#screen?.peer?.isConnected) this.#sendOffer("screen", [session]);
  }

  /**
   * Receive the media of a session while it has some.
   *
   * @type {(session: string, flags: number) => void}
   */
  change(session, flags) {
    if (!(flags & ANY_MEDIA)) return this.#closeCameraOf(session);
    if (this.#cameras.has(session)) return;
    this.#cameras.set(session, new RetriedPeer(() => this.#requestOffer(session, "video")));
  }

  /** @param {string} session */
  remove(session) {
    this.#closeCameraOf(session);
    this.#closeScreenOf(session);
  }

  check() {
    for (const peer of [this.#publisher, this.#screen, ...this.#cameras.values()]) peer?.check();
    for (const [session, peer] of this.#screens) {
      peer.check();
      if (peer.failures > MAX_FAILURES) this.#closeScreenOf(session);
    }
  }

  tune() {
    if (this.hasSimulcast)
      for (const [session, { peer }] of this.#cameras)
        if (peer?.isConnected) this.#selectSize(session, peer);
  }

  close() {
    super.close();
    this.#publisher?.close();
    this.#screen?.close();
  }

  /** @returns {number | "simulcast"} */
  get viewers() {
    return this.hasSimulcast ? "simulcast" : 1;
  }

  isCrowded = false; // the media server sends to each

  get peers() {
    const own = [this.#publisher, this.#screen];
    const retried = [...own, ...this.#cameras.values(), ...this.#screens.values()];
    return retried.map((each) => each?.peer).filter((peer) => !!peer);
  }

  get screenPeers() {
    return [this.#screen?.peer].filter((peer) => !!peer);
  }

  /** @param {string} session */
  receivingPeer(session) {
    const retried = session === this.session ? this.#publisher : this.#cameras.get(session);
    return retried ? (retried.peer ?? undefined) : null;
  }

  /**
   * @param {string} type
   * @param {object} [payload]
   * @param {Message} [fallback]
   * @param {string | string[]} [to]
   */
  sendStatus(type, payload, fallback, to) {
    if (!to) this.#publisher?.peer?.sendStatus(type, payload);
    if (fallback) this.sendMessage(fallback, to);
  }

  /** @type {(kind: MediaKind, track: MediaStreamTrack | null) => void} */
  replaceTrack(kind, track) {
    this.#publisher?.peer?.replaceTrack(kind, track);
    this.#publish();
  }

  /** @param {MediaStream} stream */
  share(stream) {
    const kinds = stream.getTracks().map(({ kind }) => kind);
    this.#screen = new RetriedPeer((retried) => {
      const connected = () => this.#sendOffer("screen");
      retried.replace(this.#createPublisher("screen", stream, connected, retried)).start(kinds);
    });
  }

  unshare() {
    this.#screen?.close();
    this.#screen = null;
    this.sendMessage({ type: "unshareScreen", roomType: "screen", payload: {} });
  }

  // --- sending ---

  /** Publish camera and microphone, or again if we may send more or less than before. */
  #publish() {
    if (!this.#isListed) return;
    const kinds = this.allowedKinds();
    const isNew = !this.#publisher && this.localStream.getTracks().length && kinds.length;
    const isOther = this.#publisher && this.#publishedKinds !== kinds.join();
    if (!isNew && !isOther) return;
    const delay = this.#publisher ? REPUBLISH_DELAY : 0;
    this.#publisher?.close();
    this.#publishedKinds = kinds.join();
    this.#publisher = null;
    this.connectionChanged(this.session);
    if (!kinds.length) return;
    /** @param {RetriedPeer} retried */
    const connect = (retried) => {
      const connected = () => this.#published();
      const peer = this.#createPublisher("video", this.localStream, connected, retried);
      retried.replace(peer).start(kinds);
    };
    this.#publisher = new RetriedPeer(connect, { delay });
    this.watch(this.session); // the others get nothing of us without it
  }

  /** Camera and microphone are at the media server: who receives earlier ones must change. */
  #published() {
    if (this.#wasPublished) this.#sendOffer("video");
    this.#wasPublished = true;
  }

  /**
   * @param {"video" | "screen"} roomType
   * @param {MediaStream} localStream
   * @param {() => void} connected
   * @param {RetriedPeer} retried
   */
  #createPublisher(roomType, localStream, connected, retried) {
    const encodings = this.#encodings(roomType, localStream);
    /** @param {RTCPeerConnectionState} state */
    const connection = (state) => {
      if (roomType === "video") this.connectionChanged(this.session);
      if (state === "connected") connected();
    };
    const on = { track() {}, connection };
    const address = { to: this.session, sid: newSid(), roomType };
    return this.#createPeer(
      address,
      { localStream, encodings, direction: "sendonly", on },
      retried,
    );
  }

  /** @type {(roomType: "video" | "screen", stream: MediaStream) => RTCRtpEncodingParameters[]} */
  #encodings(roomType, stream) {
    if (roomType === "video") return this.hasSimulcast ? SIZES : [{ maxBitrate: MAX_BITRATE }];
    const { height } = stream.getVideoTracks()[0]?.getSettings() ?? {};
    return [screenEncodingFor({ viewers: 1, height })];
  }

  /** @param {"video" | "screen"} roomType */
  #sendOffer(roomType, sessions = this.sessions) {
    for (const to of sessions) this.signal({ to, roomType, type: "sendoffer" });
  }

  // --- receiving ---

  /** @type {(session: string, roomType: "video" | "screen") => void} */
  #requestOffer(session, roomType) {
    this.signal({ to: session, roomType, type: "requestoffer" });
  }

  /** @type {(session: string, message: Message, retried: RetriedPeer) => Peer} */
  #subscriber(session, { sid, roomType = "video" }, retried) {
    const isScreen = roomType === "screen";
    /** @type {PeerOptions["on"]} */
    const on = isScreen
      ? { track: (track) => this.on.screen(session, track) }
      : {
          track: (track) => this.on.track(session, track),
          status: (type, payload) => this.on.status(session, type, payload),
          channelClosed: () => retried.failed(),
          connection: () => this.connectionChanged(session),
        };
    return this.#createPeer({ to: session, sid, roomType }, { direction: "recvonly", on }, retried);
  }

  /**
   * Return what receives the screen of a session; an offer of one begins it.
   *
   * @type {(session: string, message: Message) => RetriedPeer | undefined}
   */
  #screenOf(session, { type }) {
    if (type === "offer" && !this.#screens.has(session)) {
      const request = () => this.#requestOffer(session, "screen");
      this.#screens.set(session, new RetriedPeer(request, { delay: OFFER_TIMEOUT }));
    }
    return this.#screens.get(session);
  }

  /** @param {string} session */
  #closeCameraOf(session) {
    const retried = this.#cameras.get(session);
    if (!retried) return;
    retried.close();
    this.#cameras.delete(session);
    this.connectionChanged(session);
  }

  /** @param {string} session */
  #closeScreenOf(session) {
    const retried = this.#screens.get(session);
    if (!retried) return;
    retried.close();
    this.#screens.delete(session);
    this.on.screen(session, null);
  }

  /**
   * Ask for the size of a camera's picture that its place on our screen needs.
   *
   * @type {(session: string, peer: Peer) => void}
   */
  #selectSize(session, peer) {
    const size = sizeFor(this.heightOf(session));
    const before = this.#selected.get(peer);
    const now = Date.now();
    // The server handles requests side by side, so two of one moment may change places.
    if (before && (before.size === size || now - before.at < SELECT_INTERVAL)) return;
    this.#selected.set(peer, { size, at: now });
    const payload = { substream: size, temporal: 2 };
    this.signal({ to: session, sid: peer.sid, roomType: "video", type: "selectStream", payload });
  }

  /**
   * @param {{ to: string, sid?: string, roomType: string }} address
   * @param {Pick<PeerOptions, "direction" | "encodings" | "on"> & Partial<PeerOptions>} options
   * @param {RetriedPeer} retried
   */
  #createPeer(address, { localStream = null, on, ...options }, retried) {
    /** @param {any} payload */
    const named = (payload) => (payload.sdp ? { ...payload, nick: this.nick() } : payload);
    return new Peer({
      kind: address.roomType,
      sid: address.sid,
      polite: address.to !== this.session,
      servers: this.servers,
      localStream,
      send: (type, payload) => this.signal({ ...address, type, payload: named(payload) }),
      on: { ...on, failed: () => retried.failed() },
      ...options,
    });
  }
}
