// The way of a visitor: in, through lobby or password, into the call, out, and back after trouble.

import { Refusal } from "./api.js";
import { byId, config, text } from "./page.js";
import { Signaling } from "./signaling.js";
import { persist, sleep } from "./timing.js";
import { current, show } from "./views.js";

const IN_CALL = 1;
const NO_SESSION = "0";
const WAITING = ["lobby", "waiting", "locked"];
const IGNORE_LOBBY = 8;
const PATIENCE = 3000; // ms, with a browser that asks about camera and microphone
const LISTEN_AGAIN = 200; // ms, after a refusal that was none
const LOOK_AGAIN = 15_000; // ms, at a conversation that is locked
const TOLERANCE = 2000; // ms between our clock and the way to the server
const TOO_LONG = 5 * 60_000; // ms; nobody's camera goes on by itself after that

export class Visit {
  #signaling = null;
  #session = null;
  #servers = [];
  #password = "";
  #consents = false;
  #isInCall = false;
  #isBusy = false;
  #next = []; // what the server told us meanwhile
  #leaving = null; // the request by which we left the last time
  #turn = 0; // what was begun before the visitor turned round goes no further
  #lobbyTimer = null;
  room = {};

  constructor({ api, media, call, guestName }) {
    Object.assign(this, { api, media, call, guestName });
    setInterval(() => current() === "locked" && this.#told(() => this.#look()), LOOK_AGAIN);
  }

  get hasEntered() {
    return this.#session !== null;
  }

  /** See what there is, and let the visitor get ready. */
  open = () =>
    this.#busy(async () => {
      this.#know(await this.#ask(() => this.api.room()));
      if (this.room.readOnly) return this.#showLocked();
      show("ready");
      this.media.open();
    });

  /** Enter the conversation, and join its call. */
  enter = ({ password, consents } = {}) =>
    this.#busy(async () => {
      this.#password = password ?? this.#password;
      this.#consents = consents ?? this.#consents;
      await this.#enter();
    });

  /** Leave for good, or until the visitor wants to come back. */
  leave() {
    this.#turnRound();
    this.#finish("left");
    this.#sayGoodbye();
  }

  /** The page goes away, and nobody waits for an answer. */
  vanish() {
    if (this.hasEntered) this.#sayGoodbye();
  }

  /** The page is back, as it was. */
  comeBack = () => this.#busy(() => this.hasEntered && this.#enter());

  unlock = () =>
    this.#busy(async () => {
      await this.api.setLock(0);
      await this.#unlocked();
    });

  // --- in ---

  async #enter() {
    this.#stop();
    await this.#still(this.#leaving); // else it might end what begins now
    try {
      this.#know(await this.#ask(() => this.api.enter(this.#password)));
    } catch (error) {
      if (error.status === 403 && this.room.hasPassword) return this.#askPassword();
      if (error.status === 429) return this.#askPassword("password-throttled");
      throw error;
    }
    this.#session = this.room.sessionId;
    if (this.room.actorType === "guests" && this.guestName()) {
      await this.#ask(() => this.api.name(this.guestName())).catch(ignoreRefusal);
    }
    const settings = await this.#ask(() => this.api.settings());
    if (settings.signalingMode !== "internal") return this.#finish("refused");
    this.#servers = [...settings.stunservers, ...settings.turnservers].filter(
      ({ urls }) => urls?.length,
    );
    this.#listen();
    await this.#join();
  }

  async #join() {
    if (this.room.readOnly) return this.#showLocked();
    if (waits(this.room)) return this.#wait();
    // A browser may still be asking; what it lets us have later is sent from then on.
    await this.#still(Promise.race([this.media.open(), sleep(PATIENCE)]));
    const send = (message) => this.#signaling.send(message);
    // Before we are in: others may call us before we know it.
    if (!this.call.isRunning)
      this.call.begin({ session: this.#session, servers: this.#servers, send });
    try {
      await this.#ask(() => this.api.join(this.call.flags, this.#consents));
    } catch (error) {
      await this.#refused(error);
      return;
    }
    this.#isInCall = true;
    show("call");
  }

  async #refused(error) {
    this.#out();
    this.media.close();
    if (!(error instanceof Refusal)) throw error;
    if (error.status === 404) return this.#enter();
    this.#know(await this.#ask(() => this.api.room()));
    if (this.room.readOnly) return this.#showLocked();
    if (error.status === 412) return this.#wait();
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
    this.media.close();
    byId("unlock").hidden = ![1, 2].includes(this.room.participantType);
    show("locked");
  }

  /** Stay in the lobby until it falls, which the server tells, or its timer is over. */
  #wait() {
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
      const ms = Math.min(time - Date.now(), 2 ** 31 - 1); // more is at once, for a browser
      this.#lobbyTimer = setTimeout(() => this.#told(() => this.#look()), Math.max(500, ms + 500));
    }
    show("lobby");
  }

  // --- what the server tells ---

  #listen() {
    const signaling = new Signaling({
      api: this.api,
      session: this.#session,
      onNews: (users, messages) => this.#signaling === signaling && this.#hear(users, messages),
      onGone: (status) => this.#signaling === signaling && this.#told(() => this.#gone(status)),
      onTrouble: (isTrouble) => this.#signaling === signaling && this.#trouble(isTrouble),
    });
    this.#signaling = signaling;
    signaling.run();
  }

  #hear(users, messages) {
    const own = users?.find(({ sessionId }) => sessionId === this.#session);
    const isIn = Boolean(own?.inCall & IN_CALL);
    if (isIn && this.call.isRunning) this.call.update(users);
    for (const message of messages) this.call.receive(message);
    if (this.#isInCall && users && !isIn) this.#told(() => this.#dropped());
    else if (WAITING.includes(current())) this.#told(() => this.#look());
  }

  /** We wait for something: see whether it has come. */
  async #look() {
    const waitedFor = current();
    if (!WAITING.includes(waitedFor)) return;
    this.#know(await this.#ask(() => this.api.room()));
    if (waitedFor === "locked") return this.room.readOnly ? undefined : this.#unlocked();
    if (waitedFor === "waiting" && !this.room.hasCall && !this.room.canStartCall) return;
    await this.#join();
  }

  /** The list says that we are not in the call: ask once why. */
  async #dropped() {
    if (!this.#isInCall) return;
    const { silence } = this.#signaling;
    this.#know(await this.#ask(() => this.api.room()));
    if (this.#isReplaced) return this.#finish("replaced");
    if (this.room.participantFlags & IN_CALL) return; // the list was older than our joining
    if (silence > TOO_LONG) return this.#finish("away");
    const { readOnly, hasCall } = this.room;
    // Whoever was not heard of in time is out. If nobody was, as after an outage, the call is over.
    const isForgotten = hasCall || silence > this.#timeout;
    if (isForgotten && !readOnly && !waits(this.room)) return this.#join();
    this.#out();
    if (readOnly) return this.#showLocked();
    if (waits(this.room)) return this.#wait();
    this.#finish("ended");
    this.#sayGoodbye();
  }

  /** Our session is gone: ask once why. */
  async #gone(status) {
    const { silence } = this.#signaling;
    if (status === 409) return this.#finish("replaced");
    try {
      this.#know(await this.#ask(() => this.api.room()));
    } catch (error) {
      if (error.status !== 404) throw error;
      return this.#finish("removed");
    }
    if (this.room.sessionId === this.#session) return this.#listenOn();
    if (silence > TOO_LONG) return this.#finish("away");
    if (silence > this.#timeout) return this.#enter();
    this.#finish(this.room.attendeeId ? "replaced" : "removed");
  }

  /** Another window of this browser came in, and for a moment our cookie was an old one. */
  async #listenOn() {
    await this.#still(sleep(LISTEN_AGAIN));
    this.#signaling.run();
  }

  /** Whether a copy of this window acts in its place. */
  get #isReplaced() {
    const { sessionId } = this.room;
    return sessionId !== NO_SESSION && sessionId !== this.#session;
  }

  /** After how many milliseconds of silence the server may have forgotten us. */
  get #timeout() {
    return config.timeout * 1000 - TOLERANCE;
  }

  // --- out ---

  #unlocked() {
    if (this.hasEntered) this.#sayGoodbye();
    this.#stop();
    show("ready");
    this.media.open();
  }

  /** Out of the call; still in the conversation. */
  #out() {
    this.#isInCall = false;
    this.call.end();
  }

  #stop() {
    this.#out();
    clearTimeout(this.#lobbyTimer);
    this.#signaling?.stop();
    this.#signaling = null;
    this.#session = null;
    this.#next = [];
    this.#trouble(false);
  }

  #sayGoodbye() {
    this.#leaving = this.api.leave().catch(() => {});
  }

  #finish(view) {
    this.#stop();
    this.media.close();
    show(view);
  }

  // --- how it is done ---

  #know(room) {
    this.room = room;
    this.call.know(room);
    if (!room.displayName) return;
    byId("conversation").textContent = document.title = room.displayName;
  }

  #ask(attempt) {
    return this.#still(persist(attempt, (isTrouble) => this.#trouble(isTrouble)));
  }

  /** Wait for something, and go on only if the visitor did not turn round meanwhile. */
  async #still(waiting) {
    const turn = this.#turn;
    try {
      return await waiting;
    } finally {
      if (turn !== this.#turn) throw new TurnedRound();
    }
  }

  #turnRound() {
    this.#turn++;
    this.#isBusy = false;
    this.#next = [];
  }

  #trouble(isTrouble) {
    byId("trouble").hidden = !isTrouble;
    this.call.pause(isTrouble);
  }

  /** Do what the server's word asks for, now or after what is being done. */
  #told(action) {
    if (this.#isBusy) this.#next.push(action);
    else this.#busy(action);
  }

  /** Do one thing at a time; whatever was not foreseen is told in words. */
  async #busy(action) {
    if (this.#isBusy) return;
    this.#isBusy = true;
    const turn = this.#turn;
    try {
      await action();
    } catch (error) {
      if (error instanceof TurnedRound) return;
      if (error.status === 404) return this.#finish("not-found");
      console.warn("talk_calls:", error);
      this.#finish("failed");
    } finally {
      if (turn === this.#turn) this.#isBusy = false;
    }
    const next = this.#next.shift();
    if (next) await this.#busy(next);
  }
}

/** What was begun is of no interest any more. */
class TurnedRound extends Error {}

function ignoreRefusal(error) {
  if (!(error instanceof Refusal)) throw error;
}

/** Return whether this visitor has to stay in the lobby. */
const waits = (room) => Boolean(room.lobbyState && !(room.permissions & IGNORE_LOBBY));
