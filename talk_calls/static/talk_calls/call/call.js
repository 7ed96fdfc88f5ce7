// While we are in the call: people, their media, and what we tell each other.

import { Refusal } from "./api.js";
import { Mesh } from "./mesh.js";
import { announce, byId, text } from "./page.js";
import { Panel } from "./panel.js";
import { People } from "./people.js";
import { Tiles } from "./tiles.js";
import { gathered } from "./timing.js";

const FLAGS = { inCall: 1, audio: 2, video: 4 };
const PERMISSIONS = { audio: 16, video: 32, screen: 64 };
const MODERATORS = [1, 2]; // owner and moderator, with an account
const GUEST_MODERATOR = 6;

export class Call {
  people = new People();
  #mesh = null;
  #session = null;
  #room = {};
  #sent = {}; // what the others know of our microphone and camera
  #flags = 0;
  #isFirstList = true; // whoever is on it was there before us
  #hand = false;
  #screen = null;
  #learnNames = gathered(() => this.#askNames(), 200);
  #sendFlags = gathered(() => this.#changeFlags(), 300);

  constructor({ api, media, ownName }) {
    Object.assign(this, { api, media, ownName });
    const nameOf = (person) => this.#nameOf(person);
    this.tiles = new Tiles({ nameOf });
    this.panel = new Panel({
      nameOf,
      can: (act) => this.#can(act),
      onAct: (...act) => this.#act(...act),
    });
    this.people.addEventListener("change", ({ detail }) => this.#show(detail));
    this.people.addEventListener("gone", ({ detail }) => this.#forget(detail));
    media.addEventListener("change", () => this.#mediaChanged());
    byId("hand").addEventListener("click", () => this.#raiseHand(!this.#hand));
    byId("share").addEventListener("click", () => (this.#screen ? this.#unshare() : this.#share()));
    byId("share").hidden = !navigator.mediaDevices.getDisplayMedia;
  }

  get isRunning() {
    return this.#mesh !== null;
  }

  /** How we take part, in the bits of the protocol. */
  get flags() {
    const audio = this.media.track("audio") ? FLAGS.audio : 0;
    return FLAGS.inCall | audio | (this.media.isOn("video") ? FLAGS.video : 0);
  }

  know(room) {
    this.#room = room;
    this.panel.moderate(room);
    for (const person of this.people.all) this.#show(person);
    if (room.attendeeId) this.#permit(room.permissions);
  }

  begin({ session, servers, send }) {
    this.#session = session;
    this.#flags = this.flags;
    this.#sent = {};
    this.#isFirstList = true;
    const on = {
      joined: (other, flags) => this.#joined(other, flags),
      left: (other) => this.people.delete(other),
      flags: (other, flags) => this.people.set(other, { video: Boolean(flags & FLAGS.video) }),
      track: (other, track) => this.tiles.attach(other, track),
      screen: (other, track) => this.#showScreen(other, track),
      status: (other, type, payload) => this.#hear(other, type, payload),
      message: (other, message) => this.#read(other, message),
      open: (other, peer) => this.#introduce(other, peer),
      connection: (other, isThere) => this.people.set(other, { lost: !isThere }),
    };
    const nick = () => this.ownName();
    this.#mesh = new Mesh({ session, servers, local: this.media.stream, nick, send, on });
    this.people.set(session, { name: nick() });
    this.tiles.attachOwn(session, this.media.stream);
    this.#mediaChanged();
  }

  end() {
    if (!this.isRunning) return;
    this.#unshare();
    const mesh = this.#mesh;
    this.#mesh = null; // so that nobody is said to leave, for it is we who do
    mesh.close();
    this.people.clear();
    this.#setHand(false);
    this.panel.waiting(0);
  }

  /** Take the server's list of who is there. */
  update(users) {
    const own = users.find(({ sessionId }) => sessionId === this.#session);
    if (own?.participantPermissions !== undefined) this.#permit(own.participantPermissions);
    const before = this.#mesh.sessions.length;
    this.#mesh.update(users);
    const others = this.#mesh.sessions.length;
    if (this.#isFirstList)
      for (const { session } of this.people.all) this.people.set(session, { isNew: false });
    this.#isFirstList = false;
    byId("alone").hidden = others > 0;
    if (others !== before) this.media.suit(others);
    const waiting = users.filter(({ inCall }) => !inCall).length;
    this.panel.waiting(this.#room.lobbyState ? waiting : 0);
  }

  receive(message) {
    this.#mesh?.receive(message);
  }

  /** Say whether the server can be reached. */
  pause(isPaused) {
    if (this.#mesh) this.#mesh.isPaused = isPaused;
  }

  speak(isSpeaking) {
    if (!this.isRunning) return;
    this.people.set(this.#session, { speaking: isSpeaking });
    this.#mesh.tell(isSpeaking ? "speaking" : "stoppedSpeaking");
  }

  // --- what others do ---

  #joined(session, flags) {
    this.people.set(session, {
      audio: Boolean(flags & FLAGS.audio),
      video: Boolean(flags & FLAGS.video),
      isNew: true,
    });
    this.#learnNames();
  }

  /** Ask the server what people are called: only it knows who somebody really is. */
  async #askNames() {
    try {
      for (const { sessionId, displayName } of await this.api.callers()) {
        if (!this.people.get(sessionId)) continue;
        this.people.set(sessionId, { name: displayName });
      }
    } catch (error) {
      if (!(error instanceof Refusal) && this.isRunning) this.#learnNames();
    }
    for (const person of this.people.all) this.#welcome(person);
  }

  #welcome(person) {
    if (!person.isNew) return;
    this.people.set(person.session, { isNew: false });
    announce("joined", { name: this.#nameOf(person) });
  }

  #hear(session, type, payload) {
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
    if (type === "nickChanged" && nick !== this.people.get(session)?.name) this.#learnNames();
  }

  #read(session, { type, payload }) {
    switch (type) {
      case "mute":
      case "unmute":
        return this.#hear(session, `${payload?.name}${type === "mute" ? "Off" : "On"}`);
      case "raiseHand":
        return this.#handOf(session, Boolean(payload?.state));
      case "control":
        if (payload?.action === "forceMute" && payload.peerId === this.#session) this.#beSilent();
    }
  }

  #handOf(session, isUp) {
    const person = this.people.get(session);
    if (person.hand === isUp) return;
    this.people.set(session, { hand: isUp });
    announce(isUp ? "hand-up" : "hand-down", { name: this.#nameOf(person) });
  }

  async #beSilent() {
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

  /** Tell somebody, with whom a connection just opened, what they cannot know. */
  #introduce(session, peer) {
    peer.tell(this.media.isOn("audio") ? "audioOn" : "audioOff");
    peer.tell(this.media.isOn("video") ? "videoOn" : "videoOff");
    peer.tell("nickChanged", { name: this.ownName() });
    if (this.#hand) this.#mesh.say(handMessage(true), session);
  }

  #mediaChanged() {
    if (!this.isRunning) return;
    for (const kind of ["audio", "video"]) {
      const isOn = this.media.isOn(kind);
      this.#mesh.replace(kind, this.media.track(kind));
      if (this.#sent[kind] === isOn) continue;
      this.#sent[kind] = isOn;
      const fallback = { type: isOn ? "unmute" : "mute", payload: { name: kind } };
      this.#mesh.tell(`${kind}${isOn ? "On" : "Off"}`, undefined, fallback);
      this.people.set(this.#session, { [kind]: isOn });
    }
    this.#sendFlags();
  }

  async #changeFlags() {
    if (!this.isRunning || this.#flags === this.flags) return;
    this.#flags = this.flags;
    // Whether we are in the call at all, the next list says.
    await this.api.changeFlags(this.#flags).catch(() => {});
  }

  #permit(permissions) {
    for (const kind of ["audio", "video"]) {
      const isAllowed = Boolean(permissions & PERMISSIONS[kind]);
      if (this.media.allowed[kind] !== isAllowed) this.media.allow(kind, isAllowed);
    }
    if (this.#screen && !(permissions & PERMISSIONS.screen)) this.#unshare();
    this.#room.permissions = permissions;
  }

  #raiseHand(isUp) {
    this.#setHand(isUp);
    this.people.set(this.#session, { hand: isUp });
    this.#mesh.say(handMessage(isUp));
  }

  #setHand(isUp) {
    this.#hand = isUp;
    label("hand", isUp ? "lower-hand" : "raise-hand", isUp);
  }

  async #share() {
    if (!(this.#room.permissions & PERMISSIONS.screen)) return announce("screen-not-allowed");
    let stream;
    try {
      stream = await navigator.mediaDevices.getDisplayMedia({
        video: { frameRate: 15 },
        audio: true,
      });
    } catch {
      return; // they chose none
    }
    if (!this.isRunning) return stream.getTracks().forEach((track) => track.stop());
    this.#screen = stream;
    stream.getVideoTracks()[0].onended = () => this.#unshare();
    this.#mesh.share(stream);
    label("share", "unshare", true);
    announce("own-screen");
  }

  #unshare() {
    if (!this.#screen) return;
    for (const track of this.#screen.getTracks()) track.stop();
    this.#screen = null;
    this.#mesh.unshare();
    label("share", "share", false);
  }

  // --- moderating ---

  #can(act) {
    const type = this.#room.participantType;
    const isModerator = MODERATORS.includes(type);
    // Guests may lead too, but the server asks for an account where it is about the conversation.
    return act === "lobby" || act === "silence"
      ? isModerator
      : isModerator || type === GUEST_MODERATOR;
  }

  async #act(act, session, name) {
    const acts = {
      look: async () => this.know(await this.api.room()),
      lobby: async () => this.know(await this.api.setLobby(this.#room.lobbyState ? 0 : 1)),
      lock: () => this.api.setLock(1),
      end: () => this.api.endForAll(),
      silence: () => this.#silence(session, name),
      remove: () => this.#remove(session, name),
    };
    try {
      await acts[act]();
    } catch (error) {
      announce(error.status === 403 ? "not-allowed" : "failed");
    }
  }

  #silence(session, name) {
    this.#mesh.say({ type: "control", payload: { action: "forceMute", peerId: session } });
    announce("silenced", { name });
  }

  async #remove(session, name) {
    const everybody = await this.api.participants();
    const [person] = everybody.filter(({ sessionIds }) => sessionIds.includes(session));
    if (person) await this.api.remove(person.attendeeId);
    announce("removed", { name });
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

  #forget(person) {
    this.tiles.remove(person);
    this.panel.remove(person);
    if (this.isRunning) announce("left", { name: this.#nameOf(person) });
  }
}

const handMessage = (state) => ({ type: "raiseHand", payload: { state, timestamp: Date.now() } });

function label(id, key, isOn) {
  byId(id).querySelector(".label").textContent = text(key);
  byId(id).classList.toggle("on", isOn);
}
