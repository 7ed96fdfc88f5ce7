// The peer connections to everybody else in the call: one for camera and microphone, and one for
// each shared screen.
//
// Of two sessions, the one with the greater id sends the offer (the offerer); the other (the
// answerer) sends one only if none comes. Messages of a session are handled once the server's list
// says that it is in the call; until then they are queued for a moment, in case the list is late.

import { Peer } from "./peer.js";

const IN_CALL = 1;
const CHECK_INTERVAL = 3000; // ms
const OFFERER_TIMEOUT = 10_000; // ms without a connection after which the offerer offers again
const ANSWERER_TIMEOUT = 15_000; // ms after which the answerer sends an offer itself
const EARLY_MESSAGE_LIFE = 5000; // ms for which messages of unlisted sessions are kept

export class Mesh {
  #flags = new Map(); // session → in-call flags of everybody else in the call
  #unconnectedSince = new Map(); // session → since when there is no connection
  #avPeers = new Map(); // session → Peer for camera and microphone
  #incomingScreens = new Map(); // session → Peer
  #outgoingScreens = new Map(); // session → Peer
  #screenStream = null; // the screen that we share
  #earlyMessages = [];

  /** Whether the server cannot be reached, so that offering again would be useless. */
  isPaused = false;

  /** `on` has a callback for each event of a session: see `Call.start`. */
  constructor({ session, servers, localStream, nick, send, on }) {
    Object.assign(this, { session, servers, localStream, nick, on });
    this.signal = send;
    this.checkTimer = setInterval(() => this.#check(), CHECK_INTERVAL);
  }

  get sessions() {
    return [...this.#flags.keys()];
  }

  /** Apply the server's list of users (`usersInRoom`). */
  update(users) {
    const present = new Map(
      users
        .filter(({ sessionId, inCall }) => sessionId !== this.session && inCall & IN_CALL)
        .map(({ sessionId, inCall }) => [sessionId, inCall]),
    );
    for (const session of this.sessions) if (!present.has(session)) this.#remove(session);
    for (const [session, flags] of present) this.#add(session, flags);
    for (const { message, at } of this.#earlyMessages.splice(0)) {
      if (Date.now() - at < EARLY_MESSAGE_LIFE) this.receive(message, at);
    }
  }

  receive(message, at = Date.now()) {
    const { from: session, type } = message;
    if (!this.#flags.has(session)) return void this.#earlyMessages.push({ message, at });
    switch (type) {
      case "offer":
        return this.#receiveOffer(session, message);
      case "answer":
      case "candidate":
        return this.#peerOf(session, message)?.receive(message);
      case "unshareScreen":
        return this.#closeIncomingScreen(session);
      default:
        return this.on.message(session, message);
    }
  }

  /** Send a message over the server to one session, or to all. */
  sendMessage(message, to = this.sessions) {
    for (const session of [to].flat())
      this.signal({ ...message, to: session, roomType: message.roomType ?? "video" });
  }

  /** Send a status over the data channels; `fallback` goes over the server where none is open. */
  sendStatus(type, payload, fallback) {
    for (const session of this.sessions) {
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

  close() {
    clearInterval(this.checkTimer);
    for (const session of this.sessions) this.#remove(session);
  }

  #add(session, flags) {
    const before = this.#flags.get(session);
    this.#flags.set(session, flags);
    if (before === undefined) {
      this.#unconnectedSince.set(session, Date.now());
      this.on.joined(session, flags);
      if (this.#isOfferer(session)) this.#connect(session);
      if (this.#screenStream) this.#offerScreen(session);
    } else if (before !== flags) this.on.flags(session, flags);
  }

  #remove(session) {
    for (const peers of [this.#avPeers, this.#outgoingScreens]) {
      peers.get(session)?.close();
      peers.delete(session);
    }
    this.#closeIncomingScreen(session);
    this.#flags.delete(session);
    this.#unconnectedSince.delete(session);
    this.on.left(session);
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
      open: () => this.on.open(session, peer),
      connection: (isConnected) => this.on.connection(session, isConnected),
      // The other side closed it without leaving the call, so it will reconnect soon.
      channelClosed: () => this.#unconnectedSince.set(session, Date.now() - OFFERER_TIMEOUT + 1000),
    });
    this.#avPeers.set(session, peer);
    return peer;
  }

  #offerScreen(session) {
    this.#outgoingScreens.get(session)?.close();
    const peer = this.#createPeer(
      session,
      "screen",
      newSid(),
      this.#screenStream,
      { track() {} },
      this.session,
    );
    this.#outgoingScreens.set(session, peer);
    peer.start();
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
    return new Peer({ kind, sid, polite, servers: this.servers, localStream, send, on });
  }

  #peerOf(session, { sid, roomType }) {
    const maps =
      roomType === "screen" ? [this.#incomingScreens, this.#outgoingScreens] : [this.#avPeers];
    return maps
      .map((peers) => peers.get(session))
      .find((peer) => peer && (!sid || peer.sid === sid));
  }

  #check() {
    if (this.isPaused) return;
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
}

let count = 0;
/** Return an id for a new peer connection (`sid`), unique between two sessions. */
const newSid = () => `${Date.now()}${String(count++ % 1000).padStart(3, "0")}`;
