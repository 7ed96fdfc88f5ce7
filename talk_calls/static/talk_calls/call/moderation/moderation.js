// What moderators may do, and do it.

import { announce } from "../page/toasts.js";

const MODERATORS = [1, 2]; // owner and moderator, with an account
const GUEST_MODERATOR = 6;

export class Moderation {
  room = {};

  /**
   * `sendMessage` sends a message to everybody in the call, `apiSessionOf` returns the session of the
   * API of one in the call, and `onRoom` gets the conversation after it changed.
   */
  constructor({ api, sendMessage, apiSessionOf, onRoom }) {
    Object.assign(this, { api, sendMessage, apiSessionOf, onRoom });
  }

  /** Whether we may do one of the actions of `run`. */
  can(action) {
    const type = this.room.participantType;
    const isModerator = MODERATORS.includes(type);
    // Guests may be moderators, but the server lets only users change the conversation.
    return action === "lobby" || action === "silence"
      ? isModerator
      : isModerator || type === GUEST_MODERATOR;
  }

  /** Do something, of which `session` and `name` say to whom; tell if it fails. */
  async run(action, session, name) {
    const actions = {
      refresh: async () => this.onRoom(await this.api.room()),
      lobby: async () => this.onRoom(await this.api.setLobby(this.room.lobbyState ? 0 : 1)),
      lock: () => this.api.setLock(1),
      end: () => this.api.endForAll(),
      silence: () => this.#mute(session, name),
      remove: () => this.#remove(session, name),
    };
    try {
      await actions[action]();
    } catch (error) {
      announce(error.status === 403 ? "not-allowed" : "failed");
    }
  }

  #mute(session, name) {
    this.sendMessage({ type: "control", payload: { action: "forceMute", peerId: session } });
    announce("silenced", { name });
  }

  async #remove(session, name) {
    const everybody = await this.api.participants();
    const apiSession = this.apiSessionOf(session);
    const [person] = everybody.filter(({ sessionIds }) => sessionIds.includes(apiSession));
    if (person) await this.api.remove(person.attendeeId);
    announce("removed", { name });
  }
}
