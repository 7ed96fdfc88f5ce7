// The running call: its people, their media, and the state that clients send each other.

import { Refusal } from "./api/api.js";
import { Mesh } from "./connections/mesh.js";
import { Moderation } from "./moderation/moderation.js";
import { announce, byId, text } from "./page/page.js";
import { Hand, handMessage } from "./controls/hand.js";
import { OwnScreen } from "./controls/own-screen.js";
import { Panel } from "./people/panel.js";
import { Attendance } from "./people/attendance.js";
import { People } from "./people/people.js";
import { Sfu } from "./connections/sfu.js";
import { Tiles } from "./stage/tiles.js";
import { batched } from "./api/timing.js";

const FLAGS = { inCall: 1, audio: 2, video: 4 };
const RECEIVES = new Set(["good", "weak"]); // the connections over which media come
const PERMISSIONS = { audio: 16, video: 32, screen: 64 };

export class Call {
  people = new People();
  #attendance = new Attendance((key, name) => this.isRunning && announce(key, { name }));
  #connections = null; // a Mesh or a Sfu
  #apiSessions = new Map(); // session → session of the API
  #session = null;
  #room = {};
  #sentStatus = {}; // the state of our microphone and camera that was sent last
  #flags = 0;
  #isFirstUpdate = true; // people of the first list joined before us, so they are not announced
  #fetchNamesSoon = batched(() => this.#fetchNames(), 200);
  #sendFlags = batched(() => this.#changeFlags(), 300);

  constructor({ api, media, ownName }) {
    Object.assign(this, { api, media, ownName });
    const nameOf = (person) => this.#nameOf(person);
    this.tiles = new Tiles({
      nameOf,
      onResize: (session, height) => this.#connections?.setHeight(session, height),
    });
    this.moderation = new Moderation({
      api,
      sendMessage: (message) => this.#connections.sendMessage(message),
      apiSessionOf: (session) => this.#apiSessions.get(session),
      onRoom: (room) => this.setRoom(room),
    });
    this.panel = new Panel({
      nameOf,
      can: (action) => this.moderation.can(action),
      onAction: (...action) => this.moderation.run(...action),
    });
    this.people.addEventListener("change", ({ detail }) => this.#show(detail));
    this.people.addEventListener("gone", ({ detail }) => this.#removePerson(detail));
    media.addEventListener("change", () => this.#sendMediaState());
    this.hand = new Hand({ onChange: (isUp) => this.#sendHand(isUp) });
    this.screen = new OwnScreen({
      isAllowed: () => this.isRunning && Boolean(this.#room.permissions & PERMISSIONS.screen),
      onStart: (stream) => this.#connections.share(stream),
      onStop: () => this.#connections.unshare(),
    });
  }

  /** Whether media of anybody reach us, whatever the server says. */
  get hasMedia() {
    return this.people.all.some(({ connection }) => RECEIVES.has(connection));
  }

  get isRunning() {
    return this.#connections !== null;
  }

  /** Our in-call flags, as the API has them. */
  get flags() {
    const audio = this.media.track("audio") ? FLAGS.audio : 0;
    return FLAGS.inCall | audio | (this.media.isOn("video") ? FLAGS.video : 0);
  }

  setRoom(room) {
    this.#room = room;
    this.moderation.room = room;
    this.panel.setRoom(room);
    for (const person of this.people.all) this.#show(person);
    if (room.attendeeId) this.#applyPermissions(room.permissions);
  }

  /** Connect to the others in the call; `signaling` is as in `signalingFor`. */
  start({ signaling, servers }) {
    const session = signaling.id;
    this.#session = session;
    this.#flags = this.flags;
    this.#sentStatus = {};
    this.#isFirstUpdate = true;
    const on = {
      joined: (other, flags) => this.#joined(other, flags),
      left: (other) => this.people.delete(other),
      flags: (other, flags) => this.people.set(other, { video: Boolean(flags & FLAGS.video) }),
      track: (other, track) => this.tiles.attach(other, track),
      screen: (other, track) => this.#showScreen(other, track),
      status: (other, type, payload) => this.#onStatus(other, type, payload),
      message: (other, message) => this.#onMessage(other, message),
      open: (other) => this.#sendInitialState(other),
      connection: (other, isConnected) => this.people.set(other, { lost: !isConnected }),
    };
    const nick = () => this.ownName();
    const send = (message) => signaling.send(message);
    const options = { session, servers, localStream: this.media.stream, nick, send, on };
    const { hasSimulcast } = signaling;
    const allowedKinds = () => ["audio", "video"].filter((kind) => this.media.allowed[kind]);
    this.#connections = signaling.hasMcu
      ? new Sfu({ ...options, hasSimulcast, allowedKinds })
      : new Mesh(options);
    this.people.set(session, { name: nick() });
    this.tiles.attachOwn(session, this.media.stream);
    this.#sendMediaState();
  }

  end() {
    if (!this.isRunning) return;
    this.screen.stop();
    const connections = this.#connections;
    this.#connections = null; // first, so that closing it does not announce that the others left
    this.#attendance.keep(this.people.all.map(actorOf));
    connections.close();
    this.people.clear();
    this.#apiSessions.clear();
    this.hand.reset();
    this.panel.setWaitingCount(0);
  }

  /** Apply the server's list of users (`usersInRoom`). */
  update(users) {
    const own = users.find(({ sessionId }) => sessionId === this.#session);
    if (own?.participantPermissions !== undefined)
      this.#applyPermissions(own.participantPermissions);
    for (const { sessionId, nextcloudSessionId = sessionId } of users)
      this.#apiSessions.set(sessionId, nextcloudSessionId);
    const before = this.#connections.sessions.length;
    this.#connections.update(users);
    const others = this.#connections.sessions.length;
    if (this.#isFirstUpdate)
      for (const { session } of this.people.all) this.people.set(session, { isNew: false });
    this.#isFirstUpdate = false;
    byId("alone").hidden = others > 0;
    if (others !== before) this.media.adaptQuality(this.#connections.quality);
    const waiting = users.filter(({ inCall }) => !inCall).length;
    this.panel.setWaitingCount(this.#room.lobbyState ? waiting : 0);
  }

  /** Use other STUN and TURN servers, or new credentials for them. */
  setServers(servers) {
    this.#connections?.setServers(servers);
  }

  receive(message) {
    this.#connections?.receive(message);
  }

  /** Pause reconnecting while the server cannot be reached. */
  setPaused(isPaused) {
    if (this.#connections) this.#connections.isPaused = isPaused;
  }

  setSpeaking(isSpeaking) {
    if (!this.isRunning) return;
    this.people.set(this.#session, { speaking: isSpeaking });
    this.#connections.sendStatus(isSpeaking ? "speaking" : "stoppedSpeaking");
  }

  // --- what others do ---

  #joined(session, flags) {
    this.people.set(session, {
      audio: Boolean(flags & FLAGS.audio),
      video: Boolean(flags & FLAGS.video),
      isNew: true,
    });
    this.#fetchNamesSoon();
  }

  /** Load the names from the server; those that clients send could be made up. */
  async #fetchNames() {
    try {
      const callers = await this.api.callers();
      const bySession = new Map(callers.map((caller) => [caller.sessionId, caller]));
      for (const { session } of this.people.all) {
        const caller = bySession.get(this.#apiSessions.get(session));
        if (caller) this.people.set(session, knownOf(caller));
      }
    } catch (error) {
      if (!(error instanceof Refusal) && this.isRunning) this.#fetchNamesSoon();
    }
    for (const person of this.people.all) this.#announceJoined(person);
  }

  #announceJoined(person) {
    if (!person.isNew) return;
    this.people.set(person.session, { isNew: false });
    this.#attendance.joined(actorOf(person), this.#nameOf(person));
  }

  #onStatus(session, type, payload) {
    const changes = {
      audioOn: { audio: true },
      audioOff: { audio: false, speaking: false },
      videoOn: { video: true },
      videoOff: { video: false },
      speaking: { speaking: true },
      stoppedSpeaking: { speaking: false },
    };
    if (Object.hasOwn(changes, type)) this.people.set(session, changes[type]);
    const nick = payload?.name ?? payload;
    if (type === "nickChanged" && nick !== this.people.get(session)?.name) this.#fetchNamesSoon();
  }

  #onMessage(session, { type, payload }) {
    switch (type) {
      case "mute":
      case "unmute":
        return this.#onStatus(session, `${payload?.name}${type === "mute" ? "Off" : "On"}`);
      case "nickChanged":
        return this.#onStatus(session, type, payload);
      case "raiseHand":
        return this.#setHandOf(session, Boolean(payload?.state));
      case "control":
        if (payload?.action === "forceMute" && payload.peerId === this.#session)
          this.#muteByModerator();
    }
  }

  #setHandOf(session, isUp) {
    const person = this.people.get(session);
    if (person.hand === isUp) return;
    this.people.set(session, { hand: isUp });
    announce(isUp ? "hand-up" : "hand-down", { name: this.#nameOf(person) });
  }

  async #muteByModerator() {
    if (!this.media.isOn("audio")) return;
    await this.media.set("audio", false);
    announce("muted-by-moderator");
  }

  #showScreen(session, track) {
    const person = this.people.get(session);
    this.tiles.screen(person, track);
    if (this.isRunning && track?.kind !== "audio")
      announce(track ? "shares-screen" : "screen-ended", { name: this.#nameOf(person) });
  }

  // --- what we do ---

  /** Send our state to a session that can receive it from now on. */
  #sendInitialState(session) {
    for (const kind of ["audio", "video"])
      this.#connections.sendStatus(...mediaStatus(kind, this.media.isOn(kind)), session);
    this.#connections.sendStatus(...nickStatus(this.ownName()), session);
    if (this.hand.isUp) this.#connections.sendMessage(handMessage(true), session);
  }

  #sendMediaState() {
    if (!this.isRunning) return;
    for (const kind of ["audio", "video"]) {
      const isOn = this.media.isOn(kind);
      this.#connections.replaceTrack(kind, this.media.track(kind));
      if (this.#sentStatus[kind] === isOn) continue;
      this.#sentStatus[kind] = isOn;
      this.#connections.sendStatus(...mediaStatus(kind, isOn));
      this.people.set(this.#session, { [kind]: isOn });
    }
    this.#sendFlags();
  }

  async #changeFlags() {
    if (!this.isRunning || this.#flags === this.flags) return;
    this.#flags = this.flags;
    // If we are out of the call, the next list says so.
    await this.api.changeFlags(this.#flags).catch(() => {});
  }

  #applyPermissions(permissions) {
    for (const kind of ["audio", "video"]) {
      const isAllowed = Boolean(permissions & PERMISSIONS[kind]);
      if (this.media.allowed[kind] !== isAllowed) this.media.allow(kind, isAllowed);
    }
    if (!(permissions & PERMISSIONS.screen)) this.screen.stop();
    this.#room.permissions = permissions;
  }

  #sendHand(isUp) {
    this.people.set(this.#session, { hand: isUp });
    this.#connections.sendMessage(handMessage(isUp));
  }

  // --- showing ---

  #nameOf({ session, name }) {
    const shown = name || text("guest");
    return session === this.#session ? text("you", { name: shown }) : shown;
  }

  #show(person) {
    this.tiles.show(person);
    this.panel.show(person, { isOwn: person.session === this.#session });
  }

  #removePerson(person) {
    this.tiles.remove(person);
    this.panel.remove(person);
    if (this.isRunning) this.#attendance.left(actorOf(person), this.#nameOf(person));
  }
}

/** Return what the API says about somebody in the call, as `People` keeps it. */
const knownOf = ({ displayName, actorType, actorId }) => ({
  name: displayName,
  actor: `${actorType}/${actorId}`,
});

/** Return who somebody is on whichever device; of some we know the session only. */
const actorOf = ({ session, actor }) => actor ?? session;

/** Return a status, its payload, and the message that says the same over the server. */
function mediaStatus(kind, isOn) {
  const message = { type: isOn ? "unmute" : "mute", payload: { name: kind } };
  return [`${kind}${isOn ? "On" : "Off"}`, undefined, message];
}

function nickStatus(name) {
  return ["nickChanged", { name }, { type: "nickChanged", payload: { name } }];
}
