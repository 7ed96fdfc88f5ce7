// The running call: its people, their media, and the state that clients send each other.

import { Refusal } from "./api/api.js";
import { Mesh } from "./connections/mesh.js";
import { Lobby } from "./moderation/lobby.js";
import { Moderation } from "./moderation/moderation.js";
import { IGNORE_LOBBY, isModerator } from "./moderation/waiting.js";
import { closeDialogs } from "./page/dialogs.js";
import { byId, config, text } from "./page/page.js";
import { announce } from "./page/toasts.js";
import { Hand, handMessage } from "./controls/hand.js";
import { OwnScreen } from "./controls/own-screen.js";
import { Attendance } from "./people/attendance.js";
import { raisedAt } from "./people/order.js";
import { askName } from "./people/own-name.js";
import { Panel, knocks } from "./people/panel.js";
import { Participants } from "./people/participants.js";
import { PeopleList } from "./people/people-list.js";
import { People } from "./people/people.js";
import { WaitingList } from "./people/waiting-list.js";
import { Sfu } from "./connections/sfu.js";
import { Stage } from "./stage/stage.js";
import { batched } from "./api/timing.js";
import { playSound } from "./controls/sounds.js";

const FLAGS = { inCall: 1, audio: 2, video: 4 };
const RECEIVES = new Set(["good", "weak"]); // the connections over which media come
const GUEST = 4; // the role of guests who do not moderate
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

  /** `rename` stores another name of ours; null for users, whose accounts name them. */
  constructor({ api, media, ownName, rename }) {
    Object.assign(this, { api, media, ownName, rename });
    const nameOf = (person) => this.#nameOf(person);
    this.stage = new Stage({
      nameOf,
      onViewed: (session, { height }) => this.#connections?.setHeight(session, height),
    });
    this.participants = new Participants({ api, isWanted: () => this.#needsParticipants() });
    this.participants.addEventListener("change", () => this.#markModerators());
    this.moderation = new Moderation({
      api,
      participants: this.participants,
      sendMessage: (...message) => this.#connections.sendMessage(...message),
      sessions: () => this.#connections.sessions,
      apiSessionOf: (session) => this.#apiSessions.get(session),
      onRoom: (room) => this.setRoom(room),
    });
    const can = (action) => this.moderation.can(action);
    const onAction = (...action) => this.moderation.run(...action);
    this.panel = new Panel({ can, onAction, onOpen: () => this.moderation.run("refresh") });
    this.list = new PeopleList({
      nameOf,
      can,
      onAction,
      onRename: rename && (() => this.#rename()),
    });
    this.waitingList = new WaitingList({ onAction });
    this.lobby = new Lobby({
      participants: this.participants,
      hasLobby: () => this.isRunning && can("admit") && this.moderation.hasLobby,
      timeout: config.timeout,
      onWaiting: (people) => this.waitingList.show(people),
      onNewcomers: (people) => this.#announceWaiting(people),
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
    this.list.updateActions();
    this.lobby.update();
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
      track: (other, track) => this.stage.attach(other, track),
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
    this.people.set(session, { name: nick(), isOwn: true });
    this.stage.attachOwn(session, this.media.stream);
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
    this.participants.clear();
    this.lobby.update();
    closeDialogs();
    announce.clear();
  }

  /** Apply the server's list of users (`usersInRoom`). */
  update(users) {
    const own = users.find(({ sessionId }) => sessionId === this.#session);
    const permissions = own?.participantPermissions ?? this.#room.permissions;
    // Those who may pass the lobby now, or may not any more, have perhaps another role.
    const isPromoted = (permissions ^ this.#room.permissions) & IGNORE_LOBBY;
    if (own) this.#applyPermissions(permissions);
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
    // Whoever is online and not in the call may wait in a lobby of which we do not know yet.
    const mayWait = this.moderation.can("admit") && users.some(({ inCall }) => !inCall);
    if (isPromoted || mayWait) this.moderation.refreshSoon();
    else this.participants.refreshSoon();
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
        return this.#setHandOf(session, payload);
      case "control":
        if (payload?.peerId === this.#session) this.#onControl(session, payload.action);
    }
  }

  /** Do what a moderator asks; the server lets nobody else send such messages. */
  #onControl(session, action) {
    if (action === "forceMute") this.#muteByModerator();
    if (action === "askUnmute") this.#askedToUnmute(this.#nameOf(this.people.get(session)));
  }

  /** Offer to unmute; only we ourselves switch our microphone on. */
  #askedToUnmute(name) {
    if (this.media.isOn("audio") || !this.media.allowed.audio) return;
    const run = () => {
      this.media.set("audio", true);
      document.querySelector("#toolbar [data-toggle=audio]").focus();
    };
    announce("unmute-request", { name }, { action: { key: "unmute", run } });
  }

  #setHandOf(session, payload) {
    const isUp = Boolean(payload?.state);
    const person = this.people.get(session);
    if (person.hand === isUp) return;
    const handAt = isUp ? raisedAt(payload.timestamp, Date.now()) : 0;
    this.people.set(session, { hand: isUp, handAt });
    announce(isUp ? "hand-up" : "hand-down", { name: this.#nameOf(person) });
  }

  async #muteByModerator() {
    if (!this.media.isOn("audio")) return;
    await this.media.set("audio", false);
    announce("muted-by-moderator");
  }

  #showScreen(session, track) {
    const person = this.people.get(session);
    this.stage.screen(person, track);
    if (this.isRunning && track?.kind !== "audio")
      announce(track ? "shares-screen" : "screen-ended", { name: this.#nameOf(person) });
  }

  // --- what we do ---

  /** Send our state to a session that can receive it from now on. */
  #sendInitialState(session) {
    for (const kind of ["audio", "video"])
      this.#connections.sendStatus(...mediaStatus(kind, this.media.isOn(kind)), session);
    this.#connections.sendStatus(...nickStatus(this.ownName()), session);
    if (this.hand.isUp) this.#connections.sendMessage(handMessage(this.hand.raisedAt), session);
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
    const handAt = this.hand.raisedAt;
    this.people.set(this.#session, { hand: isUp, handAt });
    this.#connections.sendMessage(handMessage(handAt));
  }

  /** Ask for another name, and tell the others. */
  async #rename() {
    const name = await askName(this.ownName(), (name) => this.api.name(name));
    if (name === null) return;
    this.rename(name);
    if (!this.isRunning) return;
    this.people.set(this.#session, { name });
    this.#connections.sendStatus(...nickStatus(name));
  }

  // --- moderators ---

  /** Whether anything here depends on the list of participants, and we may read it. */
  #needsParticipants() {
    if (!this.isRunning || this.#room.participantType === GUEST) return false;
    return this.panel.isOpen || (this.moderation.can("admit") && this.moderation.hasLobby);
  }

  #markModerators() {
    for (const { session } of this.people.all) {
      const participant = this.participants.ofSession(this.#apiSessions.get(session));
      if (participant) this.people.set(session, { isModerator: isModerator(participant) });
    }
  }

  #announceWaiting(people) {
    const [name, other] = people.map(({ displayName }) => displayName || text("guest"));
    const key = ["one-waits", "two-wait"][people.length - 1] ?? "many-wait";
    const [{ attendeeId }] = people;
    const admit = { key: "admit-one", run: () => this.moderation.run("admit", { attendeeId }) };
    const show = { key: "show", run: () => this.panel.open(true) };
    const action = people.length === 1 ? admit : show;
    announce(key, { name, other, number: people.length - 1 }, { action });
    if (knocks()) playSound("knock");
  }

  // --- showing ---

  #nameOf({ session, name }) {
    const shown = name || text("guest");
    return session === this.#session ? text("you", { name: shown }) : shown;
  }

  #show(person) {
    this.stage.show(person);
    this.list.show(person);
    this.panel.setNumber(this.list.size);
  }

  #removePerson(person) {
    this.stage.remove(person);
    this.list.remove(person);
    this.panel.setNumber(this.list.size);
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
