// The connections to everybody else in the call, faces and screens.
//
// Whose session id is greater calls; the other waits for that, and calls by itself only if nothing
// comes. A session counts once the server's list says that it is in the call: what somebody else
// sends is kept for a moment, in case that the list is late, and never answered before.

import { Peer } from "./peer.js";

const IN_CALL = 1;
const CHECK = 3000; // ms
const CALL_AGAIN = 10_000; // ms without a connection
const CALL_ANYWAY = 15_000; // ms, for the side that waits
const KEEP = 5000; // ms, for messages of those who are not on the list yet

export class Mesh {
  #flags = new Map(); // session → in-call flags of everybody else in the call
  #since = new Map(); // session → when a connection was first wanted, or last lost
  #faces = new Map(); // session → Peer
  #theirScreens = new Map();
  #ourScreens = new Map();
  #screen = null; // the stream that we share
  #early = [];

  /** Whether nothing can be sent at the moment, so that calling again would be in vain. */
  isPaused = false;

  /** `on` has a function for each thing that happens with a session: see `Call.begin`. */
  constructor({ session, servers, local, nick, send, on }) {
    Object.assign(this, { session, servers, local, nick, on });
    this.signal = send;
    this.timer = setInterval(() => this.#check(), CHECK);
  }

  get sessions() {
    return [...this.#flags.keys()];
  }

  face = (session) => this.#faces.get(session);

  /** Take the server's list of who is there. */
  update(users) {
    const present = new Map(
      users
        .filter(({ sessionId, inCall }) => sessionId !== this.session && inCall & IN_CALL)
        .map(({ sessionId, inCall }) => [sessionId, inCall]),
    );
    for (const session of this.sessions) if (!present.has(session)) this.#dismiss(session);
    for (const [session, flags] of present) this.#admit(session, flags);
    const early = this.#early.splice(0).filter(({ at }) => Date.now() - at < KEEP);
    for (const { message, at } of early) this.receive(message, at);
  }

  receive(message, at = Date.now()) {
    const { from: session, type } = message;
    if (!this.#flags.has(session)) return void this.#early.push({ message, at });
    switch (type) {
      case "offer":
        return this.#offered(session, message);
      case "answer":
      case "candidate":
        return this.#peerOf(session, message)?.receive(message);
      case "unshareScreen":
        return this.#closeTheirScreen(session);
      default:
        return this.on.message(session, message);
    }
  }

  /** Say something to everybody, or to one, by way of the server. */
  say(message, to = this.sessions) {
    for (const session of [to].flat())
      this.signal({ ...message, to: session, roomType: message.roomType ?? "video" });
  }

  /** Say something to everybody by the shortest way; `fallback` goes where that is not open. */
  tell(type, payload, fallback) {
    for (const session of this.sessions) {
      if (!this.face(session)?.tell(type, payload) && fallback) this.say(fallback, session);
    }
  }

  replace(kind, track) {
    return Promise.all([...this.#faces.values()].map((peer) => peer.replace(kind, track)));
  }

  share(stream) {
    this.#screen = stream;
    for (const session of this.sessions) this.#offerScreen(session);
  }

  unshare() {
    this.#screen = null;
    for (const peer of this.#ourScreens.values()) peer.close();
    this.#ourScreens.clear();
    this.say({ type: "unshareScreen", roomType: "screen", payload: {} });
  }

  close() {
    clearInterval(this.timer);
    for (const session of this.sessions) this.#dismiss(session);
  }

  #admit(session, flags) {
    const before = this.#flags.get(session);
    this.#flags.set(session, flags);
    if (before === undefined) {
      this.#since.set(session, Date.now());
      this.on.joined(session, flags);
      if (this.#calls(session)) this.#call(session);
      if (this.#screen) this.#offerScreen(session);
    } else if (before !== flags) this.on.flags(session, flags);
  }

  #dismiss(session) {
    for (const peers of [this.#faces, this.#ourScreens]) {
      peers.get(session)?.close();
      peers.delete(session);
    }
    this.#closeTheirScreen(session);
    this.#flags.delete(session);
    this.#since.delete(session);
    this.on.left(session);
  }

  #calls(session) {
    return this.session > session;
  }

  #call(session) {
    this.#since.set(session, Date.now());
    this.#face(session, newSid()).start();
  }

  #offered(session, message) {
    const known = this.#peerOf(session, message);
    if (known) return known.receive(message);
    if (message.roomType === "screen")
      return this.#theirScreen(session, message.sid).receive(message);
    // Both called at once: the greater one's call counts.
    if (this.face(session)?.isCalling && this.#calls(session)) return;
    this.#face(session, message.sid).receive(message);
  }

  #face(session, sid) {
    this.face(session)?.close();
    const peer = this.#peer(session, "video", sid, this.local, {
      track: (track) => this.on.track(session, track),
      status: (type, payload) => this.on.status(session, type, payload),
      open: () => this.on.open(session, peer),
      connection: (isThere) => this.on.connection(session, isThere),
      // The other side closed it without leaving; it is about to come back.
      lost: () => this.#since.set(session, Date.now() - CALL_AGAIN + 1000),
    });
    this.#faces.set(session, peer);
    return peer;
  }

  #offerScreen(session) {
    this.#ourScreens.get(session)?.close();
    const peer = this.#peer(
      session,
      "screen",
      newSid(),
      this.#screen,
      { track() {} },
      this.session,
    );
    this.#ourScreens.set(session, peer);
    peer.start();
  }

  #theirScreen(session, sid) {
    this.#theirScreens.get(session)?.close();
    const track = (track) => this.on.screen(session, track);
    const peer = this.#peer(session, "screen", sid, null, { track });
    this.#theirScreens.set(session, peer);
    return peer;
  }

  #closeTheirScreen(session) {
    if (!this.#theirScreens.has(session)) return;
    this.#theirScreens.get(session).close();
    this.#theirScreens.delete(session);
    this.on.screen(session, null);
  }

  /** `broadcaster` says whose screen it is, as Talk's clients want to know. */
  #peer(session, kind, sid, local, on, broadcaster) {
    const address = { to: session, sid, roomType: kind, ...(broadcaster && { broadcaster }) };
    const named = (payload) => (payload.sdp ? { ...payload, nick: this.nick() } : payload);
    const send = (type, payload) => this.signal({ ...address, type, payload: named(payload) });
    const polite = !this.#calls(session);
    return new Peer({ session, kind, sid, polite, servers: this.servers, local, send, on });
  }

  #peerOf(session, { sid, roomType }) {
    const maps = roomType === "screen" ? [this.#theirScreens, this.#ourScreens] : [this.#faces];
    return maps
      .map((peers) => peers.get(session))
      .find((peer) => peer && (!sid || peer.sid === sid));
  }

  #check() {
    if (this.isPaused) return;
    const now = Date.now();
    for (const session of this.sessions) {
      if (this.face(session)?.isConnected) {
        this.#since.set(session, now);
        continue;
      }
      const patience = this.#calls(session) ? CALL_AGAIN : CALL_ANYWAY;
      if (now - this.#since.get(session) > patience) this.#call(session);
    }
  }
}

let count = 0;
/** Return what tells one connection of two sessions from another. */
const newSid = () => `${Date.now()}${String(count++ % 1000).padStart(3, "0")}`;
