// What the clients of others send: the state of their owners, and what they ask of us.

import { announce } from "../page/toasts.js";
import { raisedAt } from "./order.js";

/**
 * @import { Reactions } from "../controls/reactions.js"
 * @import { Requests } from "../moderation/requests.js"
 * @import { Names } from "./names.js"
 * @import { People } from "./people.js"
 */

/**
 * What changes with a status.
 *
 * @type {Record<string, Partial<Person>>}
 */
const CHANGES = {
  audioOn: { audio: true },
  audioOff: { audio: false, speaking: false },
  videoOn: { video: true },
  videoOff: { video: false },
  speaking: { speaking: true },
  stoppedSpeaking: { speaking: false },
};

export class Messages {
  /**
   * `ownSession` returns ours.
   *
   * @param {{
   *   people: People,
   *   names: Names,
   *   reactions: Reactions,
   *   requests: Requests,
   *   ownSession: () => string,
   * }} options
   */
  constructor({ people, names, reactions, requests, ownSession }) {
    this.people = people;
    this.names = names;
    this.reactions = reactions;
    this.requests = requests;
    this.ownSession = ownSession;
  }

  /**
   * Apply a status, which comes over a data channel, or as a message.
   *
   * @type {(session: string, type: string, payload?: any) => void}
   */
  takeStatus(session, type, payload) {
    if (Object.hasOwn(CHANGES, type)) this.people.set(session, CHANGES[type]);
    const nick = payload?.name ?? payload;
    if (type === "nickChanged" && nick !== this.people.get(session)?.name) this.names.loadSoon();
  }

  /** @type {(session: string, message: Message) => unknown} */
  take(session, { type, payload }) {
    switch (type) {
      case "mute":
      case "unmute":
        return this.takeStatus(session, `${payload?.name}${type === "mute" ? "Off" : "On"}`);
      case "nickChanged":
        return this.takeStatus(session, type, payload);
      case "raiseHand":
        return this.#setHandOf(session, payload);
      case "reaction":
        return this.reactions.receive(session, payload?.reaction);
      case "control":
        if (payload?.peerId === this.ownSession()) this.requests.take(payload.action, session);
    }
  }

  /** @type {(session: string, payload: any) => void} */
  #setHandOf(session, payload) {
    const isUp = Boolean(payload?.state);
    const person = this.people.get(session);
    if (!person || person.hand === isUp) return;
    const handAt = isUp ? raisedAt(payload.timestamp, Date.now()) : 0;
    this.people.set(session, { hand: isUp, handAt });
    // Of whoever just came, or was there before us, the name is not known yet, and it is no news.
    if (person.actor) announce(isUp ? "hand-up" : "hand-down", { name: this.names.of(person) });
  }
}
