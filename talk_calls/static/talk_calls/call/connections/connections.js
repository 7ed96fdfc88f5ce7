// What a mesh and a media server have in common: who else is in the call, and messages to them.
//
// Messages of a session are handled once the server's list says that it is in the call; until then
// they are queued for a moment, in case the list is late.

const IN_CALL = 1;
const EARLY_MESSAGE_LIFE = 5000; // ms for which messages of unlisted sessions are kept
const MOST_EARLY_MESSAGES = 500; // of them; who is not in the call may send without end

/**
 * A subclass has `add(session, flags)`, `change(session, flags)` and `remove(session)` for the
 * sessions of others that join the call, change their in-call flags and leave it,
 * `receiveSignal(session, message)` for offers, answers and candidates, and `check()`, which is called
 * every `checkInterval` milliseconds. For the page it has:
 * - `replaceTrack(kind, track)`: send another track, or none with null
 * - `share(stream)`, `unshare()`: send a screen
 * - `sendStatus(type, payload, fallback, to)`: send a status to one session or all, over data
 *   channels, or as the message `fallback` over the server
 * - `quality`: how to capture the camera, for `Media.adaptQuality`
 */
export class Connections {
  #flags = new Map(); // session → in-call flags of everybody else in the call
  #earlyMessages = [];
  #checkTimer;

  /** Whether the server cannot be reached, so that connecting again would be useless. */
  isPaused = false;

  /**
   * `session` is our id among the sessions of the call, `send` sends a message over the server, and
   * `on` has a callback for each event of a session: see `Call.start`.
   */
  constructor({ session, servers, localStream, nick, send, on, checkInterval }) {
    Object.assign(this, { session, servers, localStream, nick, on });
    this.signal = send;
    this.#checkTimer = setInterval(() => this.isPaused || this.check(), checkInterval);
  }

  /** The sessions of everybody else in the call. */
  get sessions() {
    return [...this.#flags.keys()];
  }

  flagsOf = (session) => this.#flags.get(session);

  /** Apply the server's list of users. */
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

  receive(message, at = Date.now()) {
    const { from: session, type } = message;
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

  /** Send a message over the server to one session, or to all. */
  sendMessage(message, to = this.sessions) {
    for (const session of [to].flat())
      this.signal({ ...message, to: session, roomType: message.roomType ?? "video" });
  }

  /** Use other STUN and TURN servers, or new credentials for them; a subclass has `peers`. */
  setServers(servers) {
    this.servers = servers;
    for (const peer of this.peers) peer.setServers(servers);
  }

  /** Tell how high the picture of a session is shown, in pixels of the screen. */
  setHeight() {}

  close() {
    clearInterval(this.#checkTimer);
    for (const session of this.sessions) this.#leave(session);
  }

  #keep(message, at) {
    this.#earlyMessages.push({ message, at });
    if (this.#earlyMessages.length > MOST_EARLY_MESSAGES) this.#earlyMessages.shift();
  }

  #apply(session, flags) {
    const before = this.#flags.get(session);
    this.#flags.set(session, flags);
    if (before === undefined) {
      this.on.joined(session, flags);
      this.add(session, flags);
    } else if (before !== flags) {
      this.on.flags(session, flags);
      this.change(session, flags);
    }
  }

  #leave(session) {
    this.remove(session);
    this.#flags.delete(session);
    this.on.left(session);
  }
}

let count = 0;
/** Return an id for a new peer connection (`sid`), unique between two sessions. */
export const newSid = () => `${Date.now()}${String(count++ % 1000).padStart(3, "0")}`;
