// What moderators may do, and do it.

import { Refusal } from "../api/api.js";
import { batched } from "../api/timing.js";
import { announce } from "../page/toasts.js";
import { ask } from "../page/dialogs.js";
import { BanList, askForBan, problemOf } from "./bans.js";
import { IGNORE_LOBBY, isModerator, wereAdmitted } from "./waiting.js";

/**
 * @import { Api } from "../api/api.js"
 * @import { Participants } from "../people/participants.js"
 */

const GUEST_MODERATOR = 6;
const ONE_TO_ONE = 1;
const GONE = 404;
const REFRESH_DELAY = 1000; // ms; changes within are one look

// The server lets only users change the conversation and tell others to mute themselves.
const FOR_USERS = new Set(["lobby", "lock", "mute", "mute-all", "ask-to-unmute"]);

const BANS = new Set(["ban", "bans"]);

/**
 * What is asked before an action, and the verb of the button.
 *
 * @type {Record<string, [key: string, verb: string]>}
 */
const QUESTIONS = {
  remove: ["remove-question", "remove"],
  "mute-all": ["mute-all-question", "mute-all"],
  "to-lobby": ["lobby-question", "lobby-verb"],
  lock: ["lock-question", "lock-verb"],
  end: ["end-question", "end-verb"],
};

/**
 * @typedef {"refresh" | "lobby" | "lock" | "end" | "mute" | "mute-all" | "ask-to-unmute" | "remove"
 *   | "ban" | "bans" | "admit" | "admit-all"} Action
 */

/**
 * To whom something is done: somebody in the call, somebody who waits, or some of them.
 * @typedef {object} Target
 * @property {string} [name]
 * @property {string} [session]
 * @property {number} [attendeeId]
 * @property {number[]} [attendeeIds]
 */

export class Moderation {
  room = /** @type {Room} */ ({}); // empty until it was loaded

  /** Look soon for our role, whether the lobby is up, and who waits in it. */
  refreshSoon = batched(() => this.#refresh().catch(() => {}), REFRESH_DELAY);

  /**
   * `participants` is the list of the API. `sendMessage` sends a message to everybody in the call,
   * or to one session; `sessions` returns those of the others, and `apiSessionOf` the session of the
   * API of one of them. `onRoom` gets the conversation after it changed.
   *
   * @param {{
   *   api: Api,
   *   participants: Participants,
   *   sendMessage: (message: Message, to?: string) => void,
   *   sessions: () => string[],
   *   apiSessionOf: (session: string) => string | undefined,
   *   onRoom: (room: Room) => void,
   * }} options
   */
  constructor({ api, participants, sendMessage, sessions, apiSessionOf, onRoom }) {
    this.api = api;
    this.participants = participants;
    this.sendMessage = sendMessage;
    this.sessions = sessions;
    this.apiSessionOf = apiSessionOf;
    this.onRoom = onRoom;
    this.banList = new BanList({ api });
  }

  get hasLobby() {
    return Boolean(this.room.lobbyState);
  }

  /**
   * Return whether we may do one of the actions of `run`.
   *
   * @param {Action} action
   */
  can(action) {
    if (!isModerator(this.room)) return false;
    if (BANS.has(action) && this.room.type === ONE_TO_ONE) return false;
    return !FOR_USERS.has(action) || this.room.participantType !== GUEST_MODERATOR;
  }

  /**
   * Do something, to `target` if it is done to somebody; tell if it fails.
   *
   * Returns whether it was done: the user may have been asked, and said no.
   * @param {Action} action
   * @param {Target} [target]
   */
  async run(action, target = {}) {
    /** @type {Record<Action, () => unknown>} */
    const actions = {
      refresh: () => this.#refresh(),
      lobby: () => this.#setLobby(!this.hasLobby),
      lock: () => this.api.setLock(1),
      end: () => this.api.endForAll(),
      mute: () => this.#mute(target),
      "mute-all": () => this.#muteAll(),
      "ask-to-unmute": () => this.#askToUnmute(target),
      remove: () => this.#remove(target),
      ban: () => this.#ban(target),
      bans: () => this.banList.open(),
      admit: () => this.#admit([target.attendeeId]),
      "admit-all": () => this.#admit(target.attendeeIds ?? []),
    };
    const question = QUESTIONS[action === "lobby" && !this.hasLobby ? "to-lobby" : action];
    const [key, verb] = question ?? [];
    if (key && !(await ask(key, { name: target.name }, { verb }))) return false;
    try {
      return (await actions[action]()) !== false;
    } catch (error) {
      announce(problemOf(error));
      return false;
    }
  }

  async #refresh() {
    this.onRoom(await this.api.room());
    await this.participants.refresh();
  }

  /**
   * Raise the lobby for everybody, also for those who were admitted before, or lower it.
   *
   * @param {boolean} isUp
   */
  async #setLobby(isUp) {
    this.onRoom(await this.api.setLobby(isUp ? 1 : 0));
    await this.participants.refresh();
    if (!isUp) return;
    for (const { attendeeId, attendeePermissions } of wereAdmitted(this.participants.all))
      await this.#permit(attendeeId, attendeePermissions & ~IGNORE_LOBBY);
  }

  /**
   * Let people pass the lobby, each by a permission of their own.
   *
   * Permissions of one's own take precedence over those of the conversation, so they get all that
   * they have: with the method "add" they would have nothing but the one that is added.
   *
   * @param {(number | undefined)[]} attendeeIds
   */
  async #admit(attendeeIds) {
    const people = this.participants.all.filter(({ attendeeId }) =>
      attendeeIds.includes(attendeeId),
    );
    for (const { attendeeId, permissions } of people)
      await this.#permit(attendeeId, permissions | IGNORE_LOBBY);
    await this.participants.refresh();
  }

  /**
   * Set permissions; somebody who left meanwhile needs none.
   *
   * @type {(attendeeId: number, permissions: number) => Promise<void>}
   */
  async #permit(attendeeId, permissions) {
    await unlessGone(this.api.setPermissions(attendeeId, permissions));
  }

  /** @param {Target} target */
  #mute({ session, name }) {
    this.sendMessage(forceMute(session));
    announce("muted", { name });
  }

  #muteAll() {
    for (const session of this.sessions()) this.sendMessage(forceMute(session), session);
    announce("muted-all");
  }

  /** @param {Target} target */
  #askToUnmute({ session, name }) {
    const payload = { action: "askUnmute", peerId: session };
    this.sendMessage({ type: "control", payload }, session);
    announce("asked-to-unmute", { name });
  }

  /** @param {Target} target */
  async #remove(target) {
    const id = target.attendeeId ?? (await this.#participantOf(target))?.attendeeId;
    if (id !== undefined) await unlessGone(this.api.remove(id));
    announce("removed", { name: target.name });
    this.participants.refreshSoon();
  }

  /**
   * Ban somebody, who has to be on the list still; return whether the user wanted to.
   *
   * @param {Target} target
   */
  async #ban(target) {
    const { name } = target;
    const participant = await this.#participantOf(target); // before they can leave
    const notes = await askForBan(name);
    if (notes === null) return false;
    if (!participant) throw new Error("nobody is left to ban");
    const { actorType, actorId } = participant;
    await this.api.ban({ actorType, actorId, ...notes });
    announce("banned", { name });
    this.participants.refreshSoon();
  }

  /**
   * Return whom a target of the call means, of a list that is new.
   *
   * @param {Target} target
   */
  async #participantOf({ session, attendeeId }) {
    if (session === undefined)
      return this.participants.all.find((each) => each.attendeeId === attendeeId);
    await this.participants.refresh();
    return this.participants.ofSession(this.apiSessionOf(session) ?? "");
  }
}

/** @param {Promise<unknown>} request */
async function unlessGone(request) {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof Refusal && error.status === GONE)) throw error;
  }
}

/** @param {string | undefined} session */
const forceMute = (session) => ({
  type: "control",
  payload: { action: "forceMute", peerId: session },
});
