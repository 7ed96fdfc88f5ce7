// Our participation: entering (password, lobby), joining the call, leaving, and reconnecting.

import { Refusal } from "../api/api.js";
import { byId, config, text } from "../page/page.js";
import { signalingFor } from "../signaling/signaling.js";
import { backOff, retry, sleep } from "../api/timing.js";
import { current, show } from "../page/views.js";

const IN_CALL = 1;
const NO_SESSION = "0";
const WAITING = ["lobby", "waiting", "locked"];
const IGNORE_LOBBY = 8;
const MEDIA_TIMEOUT = 3000; // ms to wait while the browser asks for camera and microphone
const RECHECK_INTERVAL = 15_000; // ms, while the conversation is locked
const TOLERANCE = 2000; // ms for the way to the server
const MAX_SILENCE = 5 * 60_000; // ms; after that, nobody is brought back with the camera on

export class Participation {
  #signaling = null;
  #session = null;
  #servers = null; // null while we had to wait, when the server names no relays
  #password = "";
  #consents = false;
  #isInCall = false;
  #isBusy = false;
  #queue = []; // actions that wait for the current one to end
  #leaving = null; // the last request to leave
  #generation = 0; // incremented to cancel all actions that have begun
  #lobbyTimer = null;
  #resumptions = 0; // how often the signaling was resumed since the last list
  room = {};

  constructor({ api, media, call, guestName }) {
    Object.assign(this, { api, media, call, guestName });
    setInterval(() => {
      if (current() === "locked") this.#enqueue(() => this.#recheck());
    }, RECHECK_INTERVAL);
  }

  get hasEntered() {
    return this.#session !== null;
  }

  /** Load the conversation, and show the form before the call. */
  open = () =>
    this.#run(async () => {
      this.#setRoom(await this.#request(() => this.api.room()));
      if (this.room.readOnly) return this.#showLocked();
      show("ready");
      this.media.open();
    });

  /** Enter the conversation and join its call. */
  enter = ({ password, consents } = {}) =>
    this.#run(async () => {
      this.#password = password ?? this.#password;
      this.#consents = consents ?? this.#consents;
      await this.#enter();
    });

  /** Leave the conversation, and cancel whatever is going on. */
  leave() {
    this.#cancel();
    this.#finish("left");
    this.#sendLeave();
  }

  /** Leave while the page unloads. */
  leaveOnUnload() {
    if (this.hasEntered) this.#sendLeave();
  }

  /** Enter again when the browser restores the page from its cache. */
  resume = () => this.#run(() => this.hasEntered && this.#enter());

  unlock = () =>
    this.#run(async () => {
      await this.api.setLock(0);
      await this.#onUnlocked();
    });

  // --- entering ---

  async #enter() {
    this.#stop();
    await this.#unlessCancelled(this.#leaving); // it might otherwise end the new session
    try {
      this.#setRoom(await this.#request(() => this.api.enter(this.#password)));
    } catch (error) {
      if (error.status === 403 && this.room.hasPassword) return this.#askPassword();
      if (error.status === 429 && this.#password) return this.#askPassword("password-throttled");
      if (error.status === 429) return this.#finish("busy");
      if (error.status === 400 && error.code === "full") return this.#finish("full");
      throw error;
    }
    this.#session = this.room.sessionId;
    if (this.room.actorType === "guests" && this.guestName()) {
      await this.#request(() => this.api.name(this.guestName())).catch(ignoreRefusal);
    }
    this.#startSignaling(await this.#askSettings());
    await this.#join();
  }

  /** Return the settings; keep the servers that help with media. */
  async #askSettings() {
    const settings = await this.#request(() => this.api.settings());
    this.#servers = [...settings.stunservers, ...settings.turnservers].filter(
      ({ urls }) => urls?.length,
    );
    return settings;
  }

  async #join() {
    if (this.room.readOnly) return this.#showLocked();
    if (isInLobby(this.room)) return this.#showLobby();
    if (!this.#servers) await this.#askSettings();
    // The browser may still be asking; tracks that it allows later are added then.
    await this.#unlessCancelled(Promise.race([this.media.open(), sleep(MEDIA_TIMEOUT)]));
    // If there is no connection any more, what follows from that is in the queue.
    if (!(await this.#unlessCancelled(this.#signaling.joined()))) return;
    // Before joining, since others may send offers before our request is answered.
    if (!this.call.isRunning)
      this.call.start({ signaling: this.#signaling, servers: this.#servers });
    try {
      await this.#request(() => this.api.join(this.call.flags, this.#consents));
    } catch (error) {
      await this.#onJoinRefused(error);
      return;
    }
    this.#isInCall = true;
    show("call");
  }

  async #onJoinRefused(error) {
    this.#endCall();
    this.media.close();
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 404) return this.#enter();
    this.#setRoom(await this.#request(() => this.api.room()));
    if (this.room.readOnly) return this.#showLocked();
    if (error.status === 412) return this.#showLobby();
    if (error.status === 400 && error.code === "consent") return show("consent");
    if (error.status !== 403) throw error;
    if (!this.room.canStartCall && !this.room.hasCall) return show("waiting");
    this.#finish("refused");
  }

  #askPassword(problem = this.#password ? "password-wrong" : null) {
    show("password");
    byId("password-error").textContent = problem ? text(problem) : "";
    byId("password").toggleAttribute("aria-invalid", Boolean(problem));
    byId("password").value = "";
    byId("password").focus();
  }

  #showLocked() {
    this.#servers = null;
    this.media.close();
    byId("unlock").hidden = ![1, 2].includes(this.room.participantType);
    show("locked");
  }

  /** Wait in the lobby until the server reports that it is open, or its timer ends. */
  #showLobby() {
    this.#servers = null;
    this.media.close();
    const { lobbyTimer } = this.room;
    byId("lobby-timer").hidden = !lobbyTimer;
    clearTimeout(this.#lobbyTimer);
    if (lobbyTimer) {
      const time = new Date(lobbyTimer * 1000);
      const shown = time.toLocaleString(document.documentElement.lang, {
        dateStyle: "medium",
        timeStyle: "short",
      });
      byId("lobby-timer").textContent = text("opens-at", { time: shown });
      const ms = Math.min(time - Date.now(), 2 ** 31 - 1); // longer delays would fire at once
      const recheck = () => this.#enqueue(() => this.#recheck());
      this.#lobbyTimer = setTimeout(recheck, Math.max(500, ms + 500));
    }
    show("lobby");
  }

  // --- updates of the server ---

  #startSignaling(settings) {
    // Callbacks of an earlier session's signaling are ignored.
    const ifCurrent =
      (callback) =>
      (...args) =>
        this.#signaling === signaling && callback(...args);
    const signaling = signalingFor({
      api: this.api,
      session: this.#session,
      settings,
      onUpdate: ifCurrent((users, messages) => this.#onUpdate(users, messages)),
      onNewId: ifCurrent(() => this.#enqueue(() => this.#onNewId())),
      onSessionGone: ifCurrent((status) => this.#enqueue(() => this.#onSessionGone(status))),
      onConnectionLost: ifCurrent((isLost) => this.#setConnectionLost(isLost)),
    });
    this.#signaling = signaling;
    signaling.run();
  }

  #onUpdate(users, messages) {
    const own = users?.find(({ sessionId }) => sessionId === this.#signaling.id);
    if (users) this.#resumptions = 0;
    const isIn = Boolean(own?.inCall & IN_CALL);
    if (isIn && this.call.isRunning) this.call.update(users);
    for (const message of messages) this.call.receive(message);
    if (this.#isInCall && users && !isIn) this.#enqueue(() => this.#onRemovedFromCall());
    else if (WAITING.includes(current())) this.#enqueue(() => this.#recheck());
  }

  /** Load the conversation, and go on if what we wait for has happened. */
  async #recheck() {
    const waitedFor = current();
    if (!WAITING.includes(waitedFor)) return;
    this.#setRoom(await this.#request(() => this.api.room()));
    if (waitedFor === "locked") return this.room.readOnly ? undefined : this.#onUnlocked();
    if (waitedFor === "waiting" && !this.room.hasCall && !this.room.canStartCall) return;
    await this.#join();
  }

  /** The list says that we are out of the call: find out why, and act on it. */
  async #onRemovedFromCall() {
    if (!this.#isInCall) return;
    const { silence } = this.#signaling;
    if (!(await this.#hasSession(silence))) return;
    if (this.room.participantFlags & IN_CALL) return; // the list was older than our join
    await this.#goOnOutOfCall(silence);
  }

  /** The signaling server has forgotten us, and knows us by another id now. */
  async #onNewId() {
    if (!this.#isInCall) return;
    const { silence } = this.#signaling;
    if (!(await this.#hasSession(silence))) return;
    this.#endCall();
    if (this.room.participantFlags & IN_CALL) return this.#join();
    await this.#goOnOutOfCall(silence);
  }

  /** The server took us out of the call: join again after an outage, else show why. */
  async #goOnOutOfCall(silence) {
    if (silence > MAX_SILENCE) return this.#finish("away");
    const { readOnly, hasCall } = this.room;
    // If the call goes on without us, we timed out. After an outage all may have, and it has ended.
    const hasTimedOut = hasCall || silence > this.#timeout;
    if (hasTimedOut && !readOnly && !isInLobby(this.room)) return this.#join();
    this.#endCall();
    if (readOnly) return this.#showLocked();
    if (isInLobby(this.room)) return this.#showLobby();
    this.#finish("ended");
    this.#sendLeave();
  }

  /** Our session is gone: find out why, and act on it. */
  async #onSessionGone(status) {
    const { silence } = this.#signaling;
    if (status === 409) return this.#finish("replaced");
    if (status === 401) return this.#finish("logged-out");
    if (await this.#hasSession(silence)) await this.#resumeSignaling();
  }

  /** Load the conversation; return whether our session is still there, and act on it if not. */
  async #hasSession(silence) {
    try {
      this.#setRoom(await this.#request(() => this.api.room()));
    } catch (error) {
      if (error.status !== 404) throw error;
      this.#finish("removed");
      return false;
    }
    if (this.room.sessionId === this.#session) return true;
    if (this.#isReplaced) this.#finish("replaced");
    else if (silence > MAX_SILENCE) this.#finish("away");
    else if (silence > this.#timeout) await this.#enter();
    else this.#finish(this.room.attendeeId ? "replaced" : "removed");
    return false;
  }

  /** The session is not gone: perhaps our cookie was outdated when another window entered. */
  async #resumeSignaling() {
    await this.#unlessCancelled(backOff(++this.#resumptions));
    if (!this.#signaling.id) return this.#enter();
    this.#signaling.run();
  }

  /** Whether a copy of this window has taken over. */
  get #isReplaced() {
    const { sessionId } = this.room;
    return sessionId !== NO_SESSION && sessionId !== this.#session;
  }

  /** After how many milliseconds of silence our session may have timed out. */
  get #timeout() {
    return config.timeout * 1000 - TOLERANCE;
  }

  // --- leaving ---

  #onUnlocked() {
    if (this.hasEntered) this.#sendLeave();
    this.#stop();
    show("ready");
    this.media.open();
  }

  /** End the call for this page; it stays in the conversation. */
  #endCall() {
    this.#isInCall = false;
    this.call.end();
  }

  #stop() {
    this.#endCall();
    clearTimeout(this.#lobbyTimer);
    this.#signaling?.stop();
    this.#signaling = null;
    this.#session = null;
    this.#queue = [];
    this.#setConnectionLost(false);
  }

  #sendLeave() {
    this.#leaving = this.api.leave().catch(() => {});
  }

  #finish(view) {
    this.#stop();
    this.media.close();
    show(view);
  }

  // --- helpers ---

  #setRoom(room) {
    this.room = room;
    this.call.setRoom(room);
    if (!room.displayName) return;
    byId("conversation").textContent = document.title = room.displayName;
  }

  #request(attempt) {
    return this.#unlessCancelled(retry(attempt, (isLost) => this.#setConnectionLost(isLost)));
  }

  /** Await a promise; throw `Cancelled` if `#cancel` was called in the meantime. */
  async #unlessCancelled(promise) {
    const generation = this.#generation;
    try {
      return await promise;
    } finally {
      if (generation !== this.#generation) throw new Cancelled();
    }
  }

  #cancel() {
    this.#generation++;
    this.#isBusy = false;
    this.#queue = [];
  }

  #setConnectionLost(isLost) {
    byId("trouble").hidden = !isLost;
    this.call.setPaused(isLost);
  }

  /** Run an action that the server's update calls for, now or after the current one. */
  #enqueue(action) {
    if (this.#isBusy) this.#queue.push(action);
    else this.#run(action);
  }

  /** Run one action at a time; an unexpected error shows the view "failed". */
  async #run(action) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const generation = this.#generation;
    try {
      await action();
    } catch (error) {
      if (error instanceof Cancelled) return;
      if (error.status === 404) return this.#finish("not-found");
      console.warn("talk_calls:", error);
      this.#finish("failed");
    } finally {
      if (generation === this.#generation) this.#isBusy = false;
    }
    const next = this.#queue.shift();
    if (next) await this.#run(next);
  }
}

/** The user left, so the action must not go on. */
class Cancelled extends Error {}

function ignoreRefusal(error) {
  if (!(error instanceof Refusal)) throw error;
}

/** Return whether we have to wait in the lobby. */
const isInLobby = (room) => Boolean(room.lobbyState && !(room.permissions & IGNORE_LOBBY));
