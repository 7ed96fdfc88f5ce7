// Our own state, and telling it to the others: microphone, camera and screen, hand, and name.

import { batched } from "../api/timing.js";
import { Hand, handMessage } from "../controls/hand.js";
import { ScreenSharing } from "../controls/screen-sharing.js";
import { FLAGS } from "./flags.js";
import { askName } from "./own-name.js";

/**
 * @import { Api } from "../api/api.js"
 * @import { CallConnections } from "../connections/connect.js"
 * @import { Media } from "../devices/media.js"
 * @import { People } from "./people.js"
 */

const PERMISSIONS = { audio: 16, video: 32, screen: 64 };
const FLAGS_DELAY = 300; // ms; changes within are one request

/** @type {MediaKind[]} */
const KINDS = ["audio", "video"];

export class OwnState {
  #session = "";
  #permissions = 0;
  #flags = 0; // as the server knows them
  /** @type {Partial<Record<MediaKind, boolean>>} */
  #sentStatus = {}; // the state of our microphone and camera that was sent last
  #sendFlags = batched(() => this.#changeFlags(), FLAGS_DELAY);

  /**
   * `connections` returns those of the running call. `ownName` returns our name, and `storeName` keeps
   * another one; null for users, whose accounts name them.
   *
   * @param {{
   *   api: Api,
   *   media: Media,
   *   people: People,
   *   connections: () => CallConnections | null,
   *   ownName: () => string,
   *   storeName: ((name: string) => void) | null,
   * }} options
   */
  constructor({ api, media, people, connections, ownName, storeName }) {
    this.api = api;
    this.media = media;
    this.people = people;
    this.connections = connections;
    this.ownName = ownName;
    this.storeName = storeName;
    media.addEventListener("change", () => this.sendMedia());
    this.hand = new Hand({ onChange: (isUp) => this.#sendHand(isUp) });
    const isAllowed = () => connections() !== null && this.#may("screen");
    this.screen = new ScreenSharing({ media, connections, isAllowed });
  }

  /** Our in-call flags, as the API has them. */
  get flags() {
    const audio = this.media.track("audio") ? FLAGS.audio : 0;
    return FLAGS.inCall | audio | (this.media.isOn("video") ? FLAGS.video : 0);
  }

  /** What of camera and microphone we may send. */
  get allowedKinds() {
    return KINDS.filter((kind) => this.media.allowed[kind]);
  }

  /**
   * Stop sending what we may not send any more.
   *
   * @param {number} permissions
   */
  setPermissions(permissions) {
    this.#permissions = permissions;
    for (const kind of KINDS) {
      const isAllowed = this.#may(kind);
      if (this.media.allowed[kind] !== isAllowed) this.media.allow(kind, isAllowed);
    }
    if (!this.#may("screen")) this.screen.stop();
  }

  /**
   * We begin to take part in a call, as this session.
   *
   * @param {string} session
   */
  begin(session) {
    this.#session = session;
    this.#flags = this.flags;
    this.#sentStatus = {};
  }

  /**
   * Send our state to a session that can receive it from now on.
   *
   * @param {string} session
   */
  sendAll(session) {
    const connections = this.connections();
    if (!connections) return;
    for (const kind of KINDS)
      connections.sendStatus(...mediaStatus(kind, this.media.isOn(kind)), session);
    connections.sendStatus(...nickStatus(this.ownName()), session);
    if (this.hand.isUp) connections.sendMessage(handMessage(this.hand.raisedAt), session);
  }

  /** Send our tracks, and tell everybody what has changed of them. */
  sendMedia() {
    const connections = this.connections();
    if (!connections) return;
    for (const kind of KINDS) {
      const isOn = this.media.isOn(kind);
      connections.replaceTrack(kind, this.media.track(kind));
      if (this.#sentStatus[kind] === isOn) continue;
      this.#sentStatus[kind] = isOn;
      connections.sendStatus(...mediaStatus(kind, isOn));
      this.people.set(this.#session, { [kind]: isOn });
    }
    this.#sendFlags();
  }

  /** @param {boolean} isSpeaking */
  setSpeaking(isSpeaking) {
    const connections = this.connections();
    if (!connections) return;
    this.people.set(this.#session, { speaking: isSpeaking });
    connections.sendStatus(isSpeaking ? "speaking" : "stoppedSpeaking");
  }

  /** Ask for another name, and tell the others. */
  async rename() {
    const name = await askName(this.ownName(), (name) => this.api.name(name));
    if (name === null) return;
    this.storeName?.(name);
    const connections = this.connections();
    if (!connections) return;
    this.people.set(this.#session, { name });
    connections.sendStatus(...nickStatus(name));
  }

  /** @param {keyof typeof PERMISSIONS} what */
  #may = (what) => Boolean(this.#permissions & PERMISSIONS[what]);

  async #changeFlags() {
    if (!this.connections() || this.#flags === this.flags) return;
    this.#flags = this.flags;
    // If we are out of the call, the next list says so.
    await this.api.changeFlags(this.#flags).catch(() => {});
  }

  /** @param {boolean} isUp */
  #sendHand(isUp) {
    const handAt = this.hand.raisedAt;
    this.people.set(this.#session, { hand: isUp, handAt });
    this.connections()?.sendMessage(handMessage(handAt));
  }
}

/** @typedef {[type: string, payload: object | undefined, message: Message]} Status */

/**
 * Return a status, its payload, and the message that says the same over the server.
 *
 * @type {(kind: MediaKind, isOn: boolean) => Status}
 */
function mediaStatus(kind, isOn) {
  const message = { type: isOn ? "unmute" : "mute", payload: { name: kind } };
  return [`${kind}${isOn ? "On" : "Off"}`, undefined, message];
}

/** @type {(name: string) => Status} */
function nickStatus(name) {
  return ["nickChanged", { name }, { type: "nickChanged", payload: { name } }];
}
