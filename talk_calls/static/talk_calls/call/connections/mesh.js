// The peer connections to everybody else in the call: one for camera and microphone, and one for
// each shared screen.
//
// Of two sessions, the one with the greater id sends the offer (the offerer); the other (the
// answerer) sends one only if none comes.

import { Connections, newSid } from "./connections.js";
import { Peer } from "./peer.js";

const CHECK_INTERVAL = 3000; // ms
const OFFERER_TIMEOUT = 10_000; // ms without a connection after which the offerer offers again
const ANSWERER_TIMEOUT = 15_000; // ms after which the answerer sends an offer itself

export class Mesh extends Connections {
  #unconnectedSince = new Map(); // session → since when there is no connection
  #avPeers = new Map(); // session → Peer for camera and microphone
  #incomingScreens = new Map(); // session → Peer
  #outgoingScreens = new Map(); // session → Peer
  #screenStream = null; // the screen that we share

  constructor(options) {
    super({ ...options, checkInterval: CHECK_INTERVAL });
  }

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

  get quality() {
    return this.sessions.length;
  }

  get peers() {
    const maps = [this.#avPeers, this.#incomingScreens, this.#outgoingScreens];
    return maps.flatMap((peers) => [...peers.values()]);
  }

  sendStatus(type, payload, fallback, to = this.sessions) {
    for (const session of [to].flat()) {
      const isSent = this.#avPeers.get(session)?.sendStatus(type, payload);
      if (!isSent && fallback) this.sendMessage(fallback, session);
    }
  }

  replaceTrack(kind, track) {
    for (const peer of this.#avPeers.values()) peer.replaceTrack(kind, track);
  }

  share(stream) {
    this.#screenStream = stream;
    for (const session of this.sessions) this.#offerScreen(session);
  }

  unshare() {
    this.#screenStream = null;
    for (const peer of this.#outgoingScreens.values()) peer.close();
    this.#outgoingScreens.clear();
    this.sendMessage({ type: "unshareScreen", roomType: "screen", payload: {} });
  }

  add(session) {
    this.#unconnectedSince.set(session, Date.now());
    if (this.#isOfferer(session)) this.#connect(session);
    if (this.#screenStream) this.#offerScreen(session);
  }

  change() {} // tracks come and go without a new connection

  remove(session) {
    for (const peers of [this.#avPeers, this.#outgoingScreens]) {
      peers.get(session)?.close();
      peers.delete(session);
    }
    this.#closeIncomingScreen(session);
    this.#unconnectedSince.delete(session);
  }

  check() {
    const now = Date.now();
    for (const session of this.sessions) {
      if (this.#avPeers.get(session)?.isConnected) {
        this.#unconnectedSince.set(session, now);
        continue;
      }
      const timeout = this.#isOfferer(session) ? OFFERER_TIMEOUT : ANSWERER_TIMEOUT;
      if (now - this.#unconnectedSince.get(session) > timeout) this.#connect(session);
    }
  }

  #isOfferer(session) {
    return this.session > session;
  }

  #connect(session) {
    this.#unconnectedSince.set(session, Date.now());
    this.#createAvPeer(session, newSid()).start();
  }

  #receiveOffer(session, message) {
    const peer = this.#peerOf(session, message);
    if (peer) return peer.receive(message);
    if (message.roomType === "screen")
      return this.#createIncomingScreen(session, message.sid).receive(message);
    // Both sides sent an offer at once: that of the offerer counts.
    if (this.#avPeers.get(session)?.hasPendingOffer && this.#isOfferer(session)) return;
    this.#createAvPeer(session, message.sid).receive(message);
  }

  #createAvPeer(session, sid) {
    this.#avPeers.get(session)?.close();
    const peer = this.#createPeer(session, "video", sid, this.localStream, {
      track: (track) => this.on.track(session, track),
      status: (type, payload) => this.on.status(session, type, payload),
      open: () => this.on.open(session),
      connection: (isConnected) => this.on.connection(session, isConnected),
      // The other side closed it without leaving the call, so it will reconnect soon.
      channelClosed: () => this.#unconnectedSince.set(session, Date.now() - OFFERER_TIMEOUT + 1000),
    });
    this.#avPeers.set(session, peer);
    return peer;
  }

  #offerScreen(session) {
    this.#outgoingScreens.get(session)?.close();
    const stream = this.#screenStream;
    const peer = this.#createPeer(
      session,
      "screen",
      newSid(),
      stream,
      { track() {} },
      this.session,
    );
    this.#outgoingScreens.set(session, peer);
    peer.start(stream.getTracks().map(({ kind }) => kind));
  }

  #createIncomingScreen(session, sid) {
    this.#incomingScreens.get(session)?.close();
    const track = (track) => this.on.screen(session, track);
    const peer = this.#createPeer(session, "screen", sid, null, { track });
    this.#incomingScreens.set(session, peer);
    return peer;
  }

  #closeIncomingScreen(session) {
    if (!this.#incomingScreens.has(session)) return;
    this.#incomingScreens.get(session).close();
    this.#incomingScreens.delete(session);
    this.on.screen(session, null);
  }

  /** `broadcaster` is the session that shares its screen, which Talk's clients expect. */
  #createPeer(session, kind, sid, localStream, on, broadcaster) {
    const address = { to: session, sid, roomType: kind, ...(broadcaster && { broadcaster }) };
    const named = (payload) => (payload.sdp ? { ...payload, nick: this.nick() } : payload);
    const send = (type, payload) => this.signal({ ...address, type, payload: named(payload) });
    const polite = !this.#isOfferer(session);
    const direction = kind === "screen" ? "sendonly" : "sendrecv";
    const { servers } = this;
    return new Peer({ kind, sid, polite, servers, localStream, direction, send, on });
  }

  #peerOf(session, { sid, roomType }) {
    const maps =
      roomType === "screen" ? [this.#incomingScreens, this.#outgoingScreens] : [this.#avPeers];
    return maps
      .map((peers) => peers.get(session))
      .find((peer) => peer && (!sid || peer.sid === sid));
  }
}
