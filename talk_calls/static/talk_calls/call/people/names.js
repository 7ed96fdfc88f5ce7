// The names of the people in the call, as the server knows them; those that clients send could be
// made up.

import { Refusal } from "../api/api.js";
import { batched } from "../api/timing.js";
import { text } from "../page/page.js";

/**
 * @import { Api } from "../api/api.js"
 * @import { People } from "./people.js"
 */

const LOAD_DELAY = 200; // ms; who comes within is one request

export class Names {
  /** Load the names of those who came, or took another one. */
  loadSoon = batched(() => this.#load(), LOAD_DELAY);

  /**
   * `ownSession` returns ours, `apiSessionOf` the session of the API of one of the call. `isRunning`
   * tells whether the call goes on, `onLoaded` is called after each attempt.
   *
   * @param {{
   *   api: Api,
   *   people: People,
   *   ownSession: () => string,
   *   apiSessionOf: (session: string) => string | undefined,
   *   isRunning: () => boolean,
   *   onLoaded: () => void,
   * }} options
   */
  constructor({ api, people, ownSession, apiSessionOf, isRunning, onLoaded }) {
    this.api = api;
    this.people = people;
    this.ownSession = ownSession;
    this.apiSessionOf = apiSessionOf;
    this.isRunning = isRunning;
    this.onLoaded = onLoaded;
  }

  /**
   * Return the name to show for a person.
   *
   * @param {Pick<Person, "session" | "name">} person
   */
  of = ({ session, name }) => {
    const shown = name || text("guest");
    return session === this.ownSession() ? text("you", { name: shown }) : shown;
  };

  /** @param {string} session */
  ofSession = (session) => this.of(this.people.get(session) ?? { session, name: "" });

  async #load() {
    try {
      const callers = await this.api.callers();
      const bySession = new Map(callers.map((caller) => [caller.sessionId, caller]));
      for (const { session } of this.people.all) {
        const caller = bySession.get(this.apiSessionOf(session) ?? "");
        if (caller) this.people.set(session, knownOf(caller));
      }
    } catch (error) {
      if (!(error instanceof Refusal) && this.isRunning()) this.loadSoon();
    }
    this.onLoaded();
  }
}

/**
 * Return what the API says about somebody in the call, as `People` keeps it.
 *
 * @param {Caller} caller
 */
const knownOf = ({ displayName, actorType, actorId }) => ({
  name: displayName,
  actor: `${actorType}/${actorId}`,
});
