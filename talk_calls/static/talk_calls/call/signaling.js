// Internal signaling: a pull that waits for news, and an outbox that gathers what goes out.

import { Refusal, Unreachable } from "./api.js";
import { backOff, gathered, sleep } from "./timing.js";

const GATHER = 50; // ms
const LEAST_PULL = 100; // ms, so that no server makes us ask without a pause
const MOST_MESSAGES = 20; // in one request

export class Signaling {
  #end = new AbortController();
  #pull = new AbortController();
  #acknowledged = 0; // the number of the last answer that arrived
  #outbox = [];
  #isSending = false;
  #flushSoon = gathered(() => this.#flush(), GATHER);
  #reachedAt = Date.now();

  /** Milliseconds between the last two pulls that reached the server: it counts them as pings. */
  silence = 0;

  constructor({ api, session, onNews, onGone, onTrouble }) {
    Object.assign(this, { api, session, onNews, onGone, onTrouble });
    // A browser that knows that it is offline need not wait for an answer that cannot come.
    addEventListener("offline", () => this.#pull.abort(), { signal: this.#end.signal });
  }

  get #stopped() {
    return this.#end.signal.aborted;
  }

  /** Pull until stopped, or until the server says that the session is gone. */
  async run() {
    let failures = 0;
    while (!this.#stopped) {
      const startedAt = Date.now();
      try {
        if (failures) await this.#knock();
        this.#pull = new AbortController();
        const signal = AbortSignal.any([this.#end.signal, this.#pull.signal]);
        const [items, number] = await this.api.pull(this.#acknowledged, signal);
        this.#acknowledged = number;
        if (this.#stopped) return;
        this.#reached(startedAt);
        failures = 0;
        this.onNews(...read(items));
      } catch (error) {
        if (this.#stopped) return;
        if (isFinal(error)) {
          this.#reached(startedAt);
          return this.onGone(error.status);
        }
        // Not the network's fault but ours: whoever looks should find it.
        if (!(error instanceof Unreachable || error instanceof Refusal)) {
          console.error("talk_calls:", error);
        }
        this.onTrouble(true);
        await backOff(++failures);
      }
      await sleep(LEAST_PULL - (Date.now() - startedAt));
    }
  }

  stop() {
    this.#end.abort();
  }

  /** Send a message to one session, together with others of this moment. */
  send(message) {
    const fn = JSON.stringify(message);
    this.#outbox.push({ ev: "message", fn, sessionId: this.session });
    this.#flushSoon();
  }

  /** See whether the server is back: the next pull may take long to say so. */
  async #knock() {
    await this.api.room().catch((error) => {
      if (!(error instanceof Refusal)) throw error;
    });
    this.onTrouble(false);
  }

  #reached(startedAt) {
    this.silence = startedAt - this.#reachedAt;
    this.#reachedAt = startedAt;
    this.onTrouble(false);
  }

  async #flush() {
    if (this.#isSending || this.#stopped) return;
    this.#isSending = true;
    for (let failures = 0; this.#outbox.length && !this.#stopped;) {
      const batch = this.#outbox.slice(0, MOST_MESSAGES);
      try {
        await this.api.send(batch);
        failures = 0;
      } catch (error) {
        if (!(error instanceof Refusal) || error.status === 429) {
          await backOff(++failures);
          continue; // in the same order
        }
      }
      this.#outbox.splice(0, batch.length);
    }
    this.#isSending = false;
  }
}

function isFinal(error) {
  return error instanceof Refusal && [400, 401, 403, 404, 409].includes(error.status);
}

/** Return who is there, and the messages that can be read. */
function read(items) {
  const messages = [];
  let users = null;
  for (const { type, data } of items) {
    if (type === "usersInRoom") users = data;
    else if (type === "message") messages.push(parsed(data));
  }
  return [users, messages.filter((message) => message?.from && message.type)];
}

function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
