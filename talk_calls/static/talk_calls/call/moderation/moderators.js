// Creates the moderators' parts of the page, and connects them: what they may do, the side panel, the
// list of participants, and who waits in the lobby.

import { playSound } from "../controls/sounds.js";
import { byId, config, text } from "../page/page.js";
import { announce } from "../page/toasts.js";
import { Panel, knocks } from "../people/panel.js";
import { Participants } from "../people/participants.js";
import { WaitingList } from "../people/waiting-list.js";
import { Lobby } from "./lobby.js";
import { Moderation } from "./moderation.js";
import { isModerator } from "./waiting.js";

/**
 * @import { Api } from "../api/api.js"
 * @import { CallConnections } from "../connections/connect.js"
 * @import { People } from "../people/people.js"
 * @import { Action, Target } from "./moderation.js"
 */

const GUEST = 4; // the role of guests who do not moderate

export class Moderators {
  /**
   * `connections` returns those of the running call, `apiSessionOf` the session of the API of one of
   * its sessions. `onRoom` gets the conversation after we have changed it.
   *
   * @param {{
   *   api: Api,
   *   people: People,
   *   connections: () => CallConnections | null,
   *   apiSessionOf: (session: string) => string | undefined,
   *   onRoom: (room: Room) => void,
   * }} options
   */
  constructor({ api, people, connections, apiSessionOf, onRoom }) {
    this.people = people;
    this.connections = connections;
    this.apiSessionOf = apiSessionOf;
    this.participants = new Participants({ api, isWanted: () => this.#needsParticipants() });
    this.participants.addEventListener("change", () => this.#markModerators());
    this.moderation = new Moderation({
      api,
      participants: this.participants,
      sendMessage: (message, to) => connections()?.sendMessage(message, to),
      sessions: () => connections()?.sessions ?? [],
      apiSessionOf,
      onRoom,
    });
    const { can, run: onAction } = this;
    this.panel = new Panel({ can, onAction, onOpen: () => this.run("refresh") });
    const waitingList = new WaitingList({ onAction });
    this.lobby = new Lobby({
      participants: this.participants,
      hasLobby: () => this.#isRunning && this.#admits,
      timeout: config.timeout,
      onWaiting: (people) => waitingList.show(people),
      onNewcomers: (people) => this.#announceWaiting(people),
    });
  }

  /** @param {Action} action */
  can = (action) => this.moderation.can(action);

  /** @type {(action: Action, target?: Target) => Promise<boolean>} */
  run = (action, target) => this.moderation.run(action, target);

  /** @param {Room} room */
  setRoom(room) {
    this.moderation.room = room;
    this.panel.setRoom(room);
    this.lobby.update();
  }

  /**
   * Look again at what depends on the server's list of users. `hasNewRole` tells whether we may
   * moderate now, or may not any more.
   *
   * @type {(users: User[], options: { hasNewRole: boolean }) => void}
   */
  update(users, { hasNewRole }) {
    // Whoever is online and not in the call may wait in a lobby of which we do not know yet.
    const mayWait = this.can("admit") && users.some(({ inCall }) => !inCall);
    if (hasNewRole || mayWait) this.moderation.refreshSoon();
    else this.participants.refreshSoon();
  }

  /** The call is over for us. */
  end() {
    this.participants.clear();
    this.lobby.update();
  }

  get #isRunning() {
    return this.connections() !== null;
  }

  /** Whether we let people in who wait in the lobby. */
  get #admits() {
    return this.can("admit") && this.moderation.hasLobby;
  }

  /** Whether anything here depends on the list of participants, and we may read it. */
  #needsParticipants() {
    if (!this.#isRunning || this.moderation.room.participantType === GUEST) return false;
    return this.panel.isOpen || this.#admits;
  }

  #markModerators() {
    for (const { session } of this.people.all) {
      const participant = this.participants.ofSession(this.apiSessionOf(session));
      if (participant) this.people.set(session, { isModerator: isModerator(participant) });
    }
  }

  /** @param {Participant[]} people */
  #announceWaiting(people) {
    const [name, other] = people.map(({ displayName }) => displayName || text("guest"));
    const key = ["one-waits", "two-wait"][people.length - 1] ?? "many-wait";
    const admit = () => {
      byId("panel-button").focus(); // the button of the toast is gone
      this.run("admit", people[0]);
    };
    const show = () => this.panel.open(true);
    const action =
      people.length === 1 ? { key: "admit-one", run: admit } : { key: "show", run: show };
    announce(key, { name, other, number: people.length - 1 }, { action });
    if (knocks()) playSound("knock");
  }
}
