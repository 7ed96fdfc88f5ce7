// The running call: its people and their media. It connects the parts that deal with them.

import { connectionsFor } from "./connections/connect.js";
import { setUpReactionMenu } from "./controls/reaction-menu.js";
import { mayReact } from "./controls/reaction-rules.js";
import { Reactions } from "./controls/reactions.js";
import { Moderators } from "./moderation/moderators.js";
import { Requests } from "./moderation/requests.js";
import { IGNORE_LOBBY } from "./moderation/waiting.js";
import { closeDialogs } from "./page/dialogs.js";
import { byId } from "./page/page.js";
import { announce } from "./page/toasts.js";
import { Arrivals } from "./people/arrivals.js";
import { callbacksFor } from "./people/callbacks.js";
import { Messages } from "./people/messages.js";
import { Names } from "./people/names.js";
import { OwnState } from "./people/own-state.js";
import { PeopleList } from "./people/people-list.js";
import { People } from "./people/people.js";
import { Stage } from "./stage/stage.js";

/**
 * @import { Api } from "./api/api.js"
 * @import { CallConnections } from "./connections/connect.js"
 * @import { Media } from "./devices/media.js"
 * @import { Signaling } from "./signaling/signaling.js"
 */

/** Dispatches `start` and `end`, and `room` when the conversation was loaded. */
export class Call extends EventTarget {
  people = new People();
  /** @type {CallConnections | null} */
  #connections = null;
  /** @type {Map<string, string>} */
  #apiSessions = new Map(); // session → session of the API
  /** @type {Map<string, number>} */
  #permissions = new Map(); // session → what it may do, as far as lists say so
  #session = ""; // ours
  #room = /** @type {Room} */ ({}); // empty until it was loaded
  #callbacks;
  #isCrowdTold = false; // whether the page said that there are many people for a mesh

  /**
   * `ownName` returns our name, `rename` stores another one; null for users, whose accounts name them.
   *
   * @param {{ api: Api, media: Media, ownName: () => string,
   *   rename: ((name: string) => void) | null }} options
   */
  constructor({ api, media, ownName, rename }) {
    super();
    this.api = api;
    this.media = media;
    this.ownName = ownName;
    const { people } = this;
    const connections = () => this.#connections;
    const isRunning = () => this.isRunning;
    const ownSession = () => this.#session;
    /** @param {string} session */
    const apiSessionOf = (session) => this.#apiSessions.get(session);
    const names = new Names({
      api,
      people,
      ownSession,
      apiSessionOf,
      isRunning,
      onLoaded: () => this.arrivals.named(),
    });
    const nameOf = names.of;
    this.arrivals = new Arrivals({ people, nameOf, isRunning });
    this.stage = new Stage({
      nameOf,
      onViewed: (session, viewed) => this.#connections?.setViewed(session, viewed),
    });
    this.moderators = new Moderators({
      api,
      people,
      connections,
      apiSessionOf,
      onRoom: (room) => this.setRoom(room),
    });
    this.own = new OwnState({ api, media, people, connections, ownName, storeName: rename });
    const { can, run: onAction } = this.moderators;
    const onRename = rename && (() => this.own.rename());
    this.list = new PeopleList({ nameOf, can, onAction, onRename });
    this.reactions = new Reactions({
      nameOf: names.ofSession,
      mayReact: (session) => mayReact(this.#permissionsOf(session)),
      onSend: (message) => this.#connections?.sendMessage(message),
    });
    setUpReactionMenu((reaction) => this.reactions.send(reaction, this.#session));
    const { reactions, stage, own } = this;
    const requests = new Requests({ media, nameOf: names.ofSession });
    const messages = new Messages({ people, names, reactions, requests, ownSession });
    this.#callbacks = callbacksFor({ people, stage, names, messages, own, isRunning });
    people.addEventListener("change", ({ detail }) => this.#show(detail));
    people.addEventListener("gone", ({ detail }) => this.#removePerson(detail));
  }

  /** Whether media of anybody reach us, whatever the server says. */
  get hasMedia() {
    return this.people.all.some(({ connection }) => connection === "good" || connection === "weak");
  }

  get isRunning() {
    return this.#connections !== null;
  }

  /** When the call began (Unix time), or 0 if it had not when the conversation was loaded. */
  get begun() {
    return this.#room.callStartTime ?? 0;
  }

  /** Our in-call flags, as the API has them. */
  get flags() {
    return this.own.flags;
  }

  /** The conversation as it was when we last heard of it. */
  get room() {
    return this.#room;
  }

  /** @param {Room} room */
  setRoom(room) {
    this.#room = room;
    this.moderators.setRoom(room);
    this.list.updateActions();
    for (const person of this.people.all) this.#show(person);
    if (room.attendeeId) this.#applyPermissions(room.permissions);
    this.dispatchEvent(new Event("room"));
  }

  /**
   * Connect to the others in the call; `signaling` is as in `signalingFor`.
   *
   * @param {{ signaling: Signaling, servers: RTCIceServer[] }} options
   */
  start({ signaling, servers }) {
    const session = /** @type {string} */ (signaling.id); // it is connected
    this.#session = session;
    this.arrivals.begin();
    this.own.begin(session);
    this.#connections = connectionsFor({
      signaling,
      session,
      servers,
      localStream: this.media.stream,
      nick: () => this.ownName(),
      send: (message) => signaling.send(message),
      allowedKinds: () => this.own.allowedKinds,
      on: this.#callbacks,
    });
    this.people.set(session, { name: this.ownName(), isOwn: true });
    this.stage.attachOwn(session, this.media.stream);
    this.own.sendMedia();
    this.dispatchEvent(new Event("start"));
  }

  end() {
    const connections = this.#connections;
    if (!connections) return;
    this.own.screen.stop();
    this.#connections = null; // first, so that closing it does not announce that the others left
    this.arrivals.keep();
    connections.close();
    this.people.clear();
    this.#apiSessions.clear();
    this.#permissions.clear();
    this.own.hand.reset();
    this.moderators.end();
    closeDialogs();
    announce.clear();
    this.dispatchEvent(new Event("end"));
  }

  /**
   * Apply the server's list of users (`usersInRoom`).
   *
   * @param {User[]} users
   */
  update(users) {
    const connections = this.#connections;
    if (!connections) return;
    const own = users.find(({ sessionId }) => sessionId === this.#session);
    const permissions = own?.participantPermissions ?? this.#room.permissions;
    // Those who may pass the lobby now, or may not any more, have perhaps another role.
    const hasNewRole = Boolean((permissions ^ this.#room.permissions) & IGNORE_LOBBY);
    if (own) this.#applyPermissions(permissions);
    for (const { sessionId, nextcloudSessionId = sessionId, participantPermissions } of users) {
      this.#apiSessions.set(sessionId, nextcloudSessionId);
      if (participantPermissions !== undefined)
        this.#permissions.set(sessionId, participantPermissions);
    }
    const before = connections.sessions.length;
    connections.update(users);
    const others = connections.sessions.length;
    this.arrivals.listed();
    byId("alone").hidden = others > 0;
    if (others !== before) this.media.adaptQuality(connections.viewers);
    if (connections.isCrowded) this.#warnOfCrowd();
    this.moderators.update(users, { hasNewRole });
  }

  /**
   * Use other STUN and TURN servers, or new credentials for them.
   *
   * @param {RTCIceServer[]} servers
   */
  setServers(servers) {
    this.#connections?.setServers(servers);
  }

  /** @param {Message} message */
  receive(message) {
    this.#connections?.receive(message);
  }

  /**
   * Pause reconnecting while the server cannot be reached.
   *
   * @param {boolean} isPaused
   */
  setPaused(isPaused) {
    if (this.#connections) this.#connections.isPaused = isPaused;
  }

  /** @param {boolean} isSpeaking */
  setSpeaking(isSpeaking) {
    this.own.setSpeaking(isSpeaking);
  }

  #warnOfCrowd() {
    if (this.#isCrowdTold) return;
    this.#isCrowdTold = true;
    announce("many-for-mesh");
  }

  /** @param {number} permissions */
  #applyPermissions(permissions) {
    this.own.setPermissions(permissions);
    this.#room.permissions = permissions;
    byId("react").hidden = !mayReact(permissions);
  }

  /** @param {string} session */
  #permissionsOf(session) {
    return session === this.#session ? this.#room.permissions : this.#permissions.get(session);
  }

  /** @param {Person} person */
  #show(person) {
    this.stage.show(person);
    this.list.show(person);
    this.moderators.panel.setNumber(this.list.size);
  }

  /** @param {Person} person */
  #removePerson(person) {
    this.stage.remove(person);
    this.list.remove(person);
    this.moderators.panel.setNumber(this.list.size);
    this.reactions.forget(person.session);
    this.arrivals.left(person);
  }
}
