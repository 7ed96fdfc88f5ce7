// The peer connections over a media server (an SFU): we send camera and microphone once, our screen
// once more, and receive those of each other session.
//
// To publish, a session sends an offer to itself. To receive, it asks the session that publishes for
// an offer (`requestoffer`), or that session has one sent (`sendoffer`); the media server speaks in
// the name of that session.

import { Connections, newSid } from "./connections.js";
import { Peer } from "./peer.js";
import { RetriedPeer } from "./retried-peer.js";
import { SIZES, sizeFor } from "./simulcast.js";

const CHECK_INTERVAL = 500; // ms
const ANY_MEDIA = 2 | 4; // in-call flags: audio, video
const REPUBLISH_DELAY = 1000; // ms, in which the media server ends the earlier connection
const OFFER_TIMEOUT = 3000; // ms from an offer to a connection
const SELECT_INTERVAL = 1000; // ms between two choices of a size
const MAX_FAILURES = 4; // of a screen; its end is a message that may be lost

export class Sfu extends Connections {
  #publisher = null; // RetriedPeer for camera and microphone, once there is something to send
  #publishedKinds = "";
  #wasPublished = false;
  #screen = null; // RetriedPeer for the screen that we share
  #cameras = new Map(); // session → RetriedPeer that receives camera and microphone
  #screens = new Map(); // session → RetriedPeer that receives a screen
  #heights = new Map(); // session → height of its picture
  #selected = new WeakMap(); // Peer → the size that it receives, and when we asked for it
  #isListed = false; // whether the server's list has us in the call

  /**
   * `hasSimulcast` tells whether the media server forwards one of several sizes of a camera;
   * `allowedKinds` returns what we may send, of "audio" and "video".
   */
  constructor({ hasSimulcast, allowedKinds, ...options }) {
    super({ ...options, checkInterval: CHECK_INTERVAL });
    Object.assign(this, { hasSimulcast, allowedKinds });
  }

  update(users) {
    this.#isListed = true;
    this.#publish();
    super.update(users);
  }

  receive(message, at) {
    // The media server answers what we sent to ourselves.
    if (message.from === this.session) this.receiveSignal(this.session, message);
    else super.receive(message, at);
  }

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
    const isKnown = received.peer && message.sid === received.peer.sid;
    if (message.type === "offer" && !(isKnown && message.sid))
      received.replace(this.#subscriber(session, message, received)).receive(message);
    else if (isKnown) received.peer.receive(message);
  }

  add(session, flags) {
    this.change(session, flags);
    this.on.open(session); // we do not learn when it receives our data channel
    if (this.#screen?.peer.isConnected) this.#sendOffer("screen", [session]);
  }

  /** Receive the media of a session while it has some. */
  change(session, flags) {
    if (!(flags & ANY_MEDIA)) return this.#closeCameraOf(session);
    if (this.#cameras.has(session)) return;
    this.#cameras.set(session, new RetriedPeer(() => this.#requestOffer(session, "video")));
  }

  remove(session) {
    this.#closeCameraOf(session);
    this.#heights.delete(session);
    this.#closeScreenOf(session);
  }

  check() {
    for (const peer of [this.#publisher, this.#screen, ...this.#cameras.values()]) peer?.check();
    for (const [session, peer] of this.#screens) {
      peer.check();
      if (peer.failures > MAX_FAILURES) this.#closeScreenOf(session);
    }
    if (this.hasSimulcast)
      for (const [session, { peer }] of this.#cameras)
        if (peer?.isConnected) this.#selectSize(session, peer);
  }

  close() {
    super.close();
    this.#publisher?.close();
    this.#screen?.close();
  }

  get quality() {
    return this.hasSimulcast ? "simulcast" : 1;
  }

  get peers() {
    const received = [...this.#cameras.values(), ...this.#screens.values()];
    return [this.#publisher, this.#screen, ...received].map((each) => each?.peer).filter(Boolean);
  }

  sendStatus(type, payload, fallback, to) {
    if (!to) this.#publisher?.peer?.sendStatus(type, payload);
    if (fallback) this.sendMessage(fallback, to);
  }

  replaceTrack(kind, track) {
    this.#publisher?.peer?.replaceTrack(kind, track);
    this.#publish();
  }

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

  setHeight(session, height) {
    this.#heights.set(session, height); // `check` selects the size
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
    if (!kinds.length) return void (this.#publisher = null);
    const connect = (retried) => {
      const connected = () => this.#published();
      retried.replace(this.#createPublisher("video", this.localStream, connected, retried));
      retried.peer.start(kinds);
    };
    this.#publisher = new RetriedPeer(connect, { delay });
  }

  /** Camera and microphone are at the media server: who receives earlier ones must change. */
  #published() {
    if (this.#wasPublished) this.#sendOffer("video");
    this.#wasPublished = true;
  }

  #createPublisher(roomType, localStream, connected, retried) {
    const encodings = roomType === "video" && this.hasSimulcast ? SIZES : undefined;
    const on = { track() {}, connection: (isConnected) => isConnected && connected() };
    const address = { to: this.session, sid: newSid(), roomType };
    return this.#createPeer(
      address,
      { localStream, encodings, direction: "sendonly", on },
      retried,
    );
  }

  #sendOffer(roomType, sessions = this.sessions) {
    for (const to of sessions) this.signal({ to, roomType, type: "sendoffer" });
  }

  // --- receiving ---

  #requestOffer(session, roomType) {
    this.signal({ to: session, roomType, type: "requestoffer" });
  }

  #subscriber(session, { sid, roomType }, retried) {
    const isScreen = roomType === "screen";
    const on = isScreen
      ? { track: (track) => this.on.screen(session, track) }
      : {
          track: (track) => this.on.track(session, track),
          status: (type, payload) => this.on.status(session, type, payload),
          channelClosed: () => retried.failed(),
          connection: (isConnected) => this.on.connection(session, isConnected),
        };
    return this.#createPeer({ to: session, sid, roomType }, { direction: "recvonly", on }, retried);
  }

  /** Return what receives the screen of a session; an offer of one begins it. */
  #screenOf(session, { type }) {
    if (type === "offer" && !this.#screens.has(session)) {
      const request = () => this.#requestOffer(session, "screen");
      this.#screens.set(session, new RetriedPeer(request, { delay: OFFER_TIMEOUT }));
    }
    return this.#screens.get(session);
  }

  #closeCameraOf(session) {
    if (!this.#cameras.has(session)) return;
    this.#cameras.get(session).close();
    this.#cameras.delete(session);
    this.on.connection(session, true); // there is none that could be lost
  }

  #closeScreenOf(session) {
    if (!this.#screens.has(session)) return;
    this.#screens.get(session).close();
    this.#screens.delete(session);
    this.on.screen(session, null);
  }

  /** Ask for the size of a camera's picture that its place on our screen needs. */
  #selectSize(session, peer) {
    const size = sizeFor(this.#heights.get(session) ?? 0);
    const before = this.#selected.get(peer);
    const now = Date.now();
    // The server handles requests side by side, so two of one moment may change places.
    if (before && (before.size === size || now - before.at < SELECT_INTERVAL)) return;
    this.#selected.set(peer, { size, at: now });
    const payload = { substream: size, temporal: 2 };
    this.signal({ to: session, sid: peer.sid, roomType: "video", type: "selectStream", payload });
  }

  #createPeer(address, { localStream = null, on, ...options }, retried) {
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
