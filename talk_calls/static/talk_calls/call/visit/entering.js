// Into the conversation (password, name), and into its call (lobby, consent, rights).

import { ignoreRefusal, Refusal } from "../api/api.js";
import { sleep } from "../api/timing.js";
import { byId, config, text } from "../page/page.js";

/**
 * @import { Signaling } from "../signaling/signaling.js"
 * @import { Visit } from "./visit.js"
 */

const MEDIA_TIMEOUT = 3000; // ms to wait while the browser asks for camera and microphone

export class Entering {
  #password = "";
  #consents = false;

  /** @param {Visit} visit */
  constructor(visit) {
    this.visit = visit;
  }

  /** Enter, unless the user is in the call on another device already: then ask. */
  async begin() {
    const isElsewhere = config.name !== null && ((await this.visit.ask()).otherDevices ?? 0) > 0;
    if (isElsewhere) this.visit.state.go("elsewhere");
    else await this.enter();
  }

  /**
   * Enter the conversation as a new session, and join its call.
   *
   * @param {{ password?: string, consents?: boolean }} [answers] to what was asked; those before hold
   *   until there are others
   * @returns {Promise<void>}
   */
  async enter({ password, consents } = {}) {
    const { visit } = this;
    this.#password = password ?? this.#password;
    this.#consents = consents ?? this.#consents;
    visit.stop();
    await visit.hasLeft();
    try {
      visit.setRoom(await visit.request(() => visit.api.enter(this.#password)));
    } catch (error) {
      return this.#onEnterRefused(error);
    }
    const session = visit.room.sessionId;
    visit.session = session;
    if (this.#isLoggedOut) return this.#goAsLoggedOut();
    await this.#sendName();
    const settings = await visit.request(() => visit.api.settings());
    visit.servers.take(settings);
    visit.reconnecting.startSignaling(session, settings);
    await this.join();
  }

  /**
   * Join the call, or show what is in the way.
   *
   * @returns {Promise<void>}
   */
  async join() {
    const { visit } = this;
    if (visit.waiting.showIfClosed()) return;
    if (!visit.state.is("call")) visit.state.go("joining");
    const servers = await visit.servers.get();
    // The browser may still be asking; tracks that it allows later are added then.
    await visit.actions.unlessCancelled(Promise.race([visit.media.open(), sleep(MEDIA_TIMEOUT)]));
    const signaling = /** @type {Signaling} */ (visit.signaling); // there is one in a session
    // If there is no connection any more, what follows from that is in the queue.
    if (!(await visit.actions.unlessCancelled(signaling.joined()))) return;
    // Before joining, since others may send offers before our request is answered.
    if (visit.call.isRunning) visit.call.setServers(servers);
    else visit.call.start({ signaling, servers });
    try {
      await visit.request(() => visit.api.join(visit.call.flags, this.#consents));
    } catch (error) {
      return this.#onJoinRefused(error);
    }
    visit.isInCall = true;
    visit.state.go("call");
  }

  /** @param {unknown} error */
  #onEnterRefused(error) {
    const { visit } = this;
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 403 && error.code === "ban") return visit.finish("banned");
    if (error.status === 403 && visit.room.hasPassword) return this.#askPassword();
    if (error.status === 429 && this.#password) return this.#askPassword("password-throttled");
    if (error.status === 429) return visit.finish("busy");
    if (error.status === 400 && error.code === "full") return visit.finish("full");
    throw error;
  }

  /** @param {unknown} error */
  async #onJoinRefused(error) {
    const { visit } = this;
    visit.endCall();
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 404) return this.enter();
    visit.setRoom(await visit.request(() => visit.api.room()));
    if (visit.waiting.showIfClosed()) return;
    if (error.status === 412) return visit.waiting.showLobby();
    if (error.status === 400 && error.code === "consent") return visit.state.go("consent");
    if (error.status !== 403) throw error;
    if (visit.waiting.mustWaitForStart) return visit.state.go("waiting");
    visit.finish("refused");
  }

  /** Whether the page was made for a user whom the site does not know any more. */
  get #isLoggedOut() {
    return config.name !== null && this.visit.room.actorType === "guests";
  }

  #goAsLoggedOut() {
    this.visit.sendLeave();
    this.visit.finish("logged-out");
  }

  async #sendName() {
    const { visit } = this;
    const name = visit.guestName();
    if (visit.room.actorType !== "guests" || !name) return;
    await visit.request(() => visit.api.name(name)).catch(ignoreRefusal);
  }

  /** @param {string | null} [problem] the key of a text */
  #askPassword(problem = this.#password ? "password-wrong" : null) {
    const { visit } = this;
    if (visit.actions.hasWish) return; // another one was sent meanwhile
    visit.state.go("password");
    byId("password-error").textContent = problem ? text(problem) : "";
    byId("password").toggleAttribute("aria-invalid", Boolean(problem));
    byId("password").value = "";
    byId("password").focus();
  }
}
