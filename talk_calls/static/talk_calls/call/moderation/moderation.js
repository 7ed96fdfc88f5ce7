// What moderators may do, and do it.

import { Refusal } from "../api/api.js";
import { batched } from "../api/timing.js";
import { announce } from "../page/toasts.js";
import { ask } from "../page/dialogs.js";
import { IGNORE_LOBBY, isModerator, wereAdmitted } from "./waiting.js";

const GUEST_MODERATOR = 6;
const GONE = 404;
const REFRESH_DELAY = 1000; // ms; changes within are one look

// The server lets only users change the conversation and tell others to mute themselves.
const FOR_USERS = new Set(["lobby", "lock", "mute", "mute-all", "ask-to-unmute"]);

// What is asked before an action, and the verb of the button.
const QUESTIONS = {
  remove: ["remove-question", "remove"],
  "mute-all": ["mute-all-question", "mute-all"],
  "to-lobby": ["lobby-question", "lobby-verb"],
  lock: ["lock-question", "lock-verb"],
  end: ["end-question", "end-verb"],
};

/**
 * Somebody to whom something is done.
 * @typedef {{ name: string, session?: string, attendeeId?: number }} Target
 */

export class Moderation {
  room = {};

  /** Look soon for our role, whether the lobby is up, and who waits in it. */
  refreshSoon = batched(() => this.#refresh().catch(() => {}), REFRESH_DELAY);

  /**
   * `participants` is the list of the API. `sendMessage` sends a message to everybody in the call,
   * or to one session; `sessions` returns those of the others, and `apiSessionOf` the session of the
   * API of one of them. `onRoom` gets the conversation after it changed.
   */
  constructor({ api, participants, sendMessage, sessions, apiSessionOf, onRoom }) {
    Object.assign(this, { api, participants, sendMessage, sessions, apiSessionOf, onRoom });
  }

  get hasLobby() {
    return Boolean(this.room.lobbyState);
  }

  /** Return whether we may do one of the actions of `run`. */
  can(action) {
    if (!isModerator(this.room)) return false;
    return !FOR_USERS.has(action) || this.room.participantType !== GUEST_MODERATOR;
  }

  /**
   * Do something, to `target` if it is done to somebody; tell if it fails.
   *
   * Returns whether it was done: the user may have been asked, and said no.
   * @param {string} action
   * @param {Target} [target]
   */
  async run(action, target) {
    const actions = {
      refresh: () => this.#refresh(),
      lobby: () => this.#setLobby(!this.hasLobby),
      lock: () => this.api.setLock(1),
      end: () => this.api.endForAll(),
      mute: () => this.#mute(target),
      "mute-all": () => this.#muteAll(),
      "ask-to-unmute": () => this.#askToUnmute(target),
      remove: () => this.#remove(target),
      admit: () => this.#admit([target.attendeeId]),
      "admit-all": () => this.#admit(target.attendeeIds),
    };
    const question = QUESTIONS[action === "lobby" && !this.hasLobby ? "to-lobby" : action];
    const [key, verb] = question ?? [];
    if (key && !(await ask(key, { name: target?.name }, { verb }))) return false;
    try {
      await actions[action]();
      return true;
    } catch (error) {
      announce(error.status === 403 ? "not-allowed" : "failed");
      return false;
    }
  }

  async #refresh() {
    this.onRoom(await this.api.room());
    await this.participants.refresh();
  }

  /** Raise the lobby for everybody, also for those who were admitted before, or lower it. */
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
   */
  async #admit(attendeeIds) {
    const people = this.participants.all.filter(({ attendeeId }) =>
      attendeeIds.includes(attendeeId),
    );
    for (const { attendeeId, permissions } of people)
      await this.#permit(attendeeId, permissions | IGNORE_LOBBY);
    await this.participants.refresh();
  }

  /** Set permissions; somebody who left meanwhile needs none. */
  async #permit(attendeeId, permissions) {
    await unlessGone(this.api.setPermissions(attendeeId, permissions));
  }

  #mute({ session, name }) {
    this.sendMessage(forceMute(session));
    announce("muted", { name });
  }

  #muteAll() {
    for (const session of this.sessions()) this.sendMessage(forceMute(session), session);
    announce("muted-all");
  }

  #askToUnmute({ session, name }) {
    const payload = { action: "askUnmute", peerId: session };
    this.sendMessage({ type: "control", payload }, session);
    announce("asked-to-unmute", { name });
  }

  async #remove({ session, attendeeId, name }) {
    if (session !== undefined) await this.participants.refresh();
    const id = attendeeId ?? this.participants.ofSession(this.apiSessionOf(session))?.attendeeId;
    if (id !== undefined) await unlessGone(this.api.remove(id));
    announce("removed", { name });
    this.participants.refreshSoon();
  }
}

async function unlessGone(request) {
  try {
    await request;
  } catch (error) {
    if (!(error instanceof Refusal && error.status === GONE)) throw error;
  }
}

const forceMute = (session) => ({
  type: "control",
  payload: { action: "forceMute", peerId: session },
});
