// Internal signaling: a long poll for messages and changes, and an outbox that sends in batches.

import { Refusal, Unreachable } from "../api/api.js";
import { backOff, batched, sleep } from "../api/timing.js";

/** @import { Api } from "../api/api.js" */

const BATCH_DELAY = 50; // ms
const MIN_PULL_TIME = 100; // ms between two pulls, even if the server answers at once
const MAX_MESSAGES = 20; // in one request
const MAX_LENGTH = 100_000; // characters of them; the server refuses bodies of 256 KiB

/** @typedef {{ ev: string, fn: string, sessionId: string }} Envelope a message as it is sent */

export class LongPoll {
  #stopController = new AbortController();
  #pullController = new AbortController();
  #acknowledged = 0; // the number of the last answer that arrived
  /** @type {Envelope[]} */
  #outbox = [];
  #isSending = false;
  #reachedAt; // in the server's time
  #flushSoon = batched(() => this.#flush(), BATCH_DELAY);

  hasMcu = false;
  hasSimulcast = false;
  silence = 0; // between the last two pulls that reached the server, where each is a ping

  /** @param {SignalingCallbacks & { api: Api, session: string }} options */
  constructor({ api, session, onUpdate, onSessionGone, onConnectionLost }) {
    this.api = api;
    this.id = session;
    this.onUpdate = onUpdate;
    this.onSessionGone = onSessionGone;
    this.onConnectionLost = onConnectionLost;
    this.#reachedAt = api.clock.now();
    // When the browser goes offline, the answer to the current pull cannot arrive.
    const { signal } = this.#stopController;
    addEventListener("offline", () => this.#pullController.abort(), { signal });
  }

  get #stopped() {
    return this.#stopController.signal.aborted;
  }

  joined = async () => true;

  async run() {
    let failures = 0;
    while (!this.#stopped) {
      const startedAt = performance.now(); // no clock, which may be set meanwhile
      let pulledAt = this.api.clock.now();
      try {
        if (failures) await this.#probe();
        pulledAt = this.api.clock.now();
        this.#pullController = new AbortController();
        const signal = AbortSignal.any([this.#stopController.signal, this.#pullController.signal]);
        const [items, number] = await this.api.pull(this.#acknowledged, signal);
        this.#acknowledged = number;
        if (this.#stopped) return;
        this.#serverReached(pulledAt);
        failures = 0;
        this.onUpdate(...read(items));
      } catch (error) {
        if (this.#stopped) return;
        if (isFinal(error)) {
          this.#serverReached(pulledAt);
          return this.onSessionGone(error);
        }
        // This is a bug of the page and no network error, so log it.
        if (!(error instanceof Unreachable || error instanceof Refusal)) {
          console.error("talk_calls:", error);
        }
        this.onConnectionLost(true);
        await backOff(++failures);
      }
      await sleep(MIN_PULL_TIME - (performance.now() - startedAt));
    }
  }

  stop() {
    this.#stopController.abort();
  }

  /**
   * Messages of this moment go in one request.
   *
   * @param {Message} message
   */
  send(message) {
    const fn = JSON.stringify(message);
    this.#outbox.push({ ev: "message", fn, sessionId: this.id });
    this.#flushSoon();
  }

  /** Make a short request to see whether the server is back; the next pull may take long. */
  async #probe() {
    await this.api.room().catch((error) => {
      if (!(error instanceof Refusal)) throw error;
    });
    this.onConnectionLost(false);
  }

  /** @param {number} pulledAt */
  #serverReached(pulledAt) {
    this.silence = pulledAt - this.#reachedAt;
    this.#reachedAt = pulledAt;
    this.onConnectionLost(false);
  }

  async #flush() {
    if (this.#isSending || this.#stopped) return;
    this.#isSending = true;
    for (let failures = 0; this.#outbox.length && !this.#stopped; ) {
      const batch = firstOf(this.#outbox);
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

/**
 * Return the first messages that fit into one request, at least one.
 *
 * @param {Envelope[]} outbox
 */
function firstOf(outbox) {
  let length = 0;
  const tooMany = outbox.findIndex(
    ({ fn }, index) => index === MAX_MESSAGES || ((length += fn.length) > MAX_LENGTH && index > 0),
  );
  return tooMany < 0 ? outbox.slice() : outbox.slice(0, tooMany);
}

/**
 * @param {unknown} error
 * @returns {error is Refusal}
 */
function isFinal(error) {
  return error instanceof Refusal && [400, 401, 403, 404, 409].includes(error.status);
}

/**
 * Return the users, or null without a list, and the messages that are well-formed.
 *
 * @param {{ type: string, data: any }[]} items
 * @returns {[User[] | null, Message[]]}
 */
function read(items) {
  const messages = [];
  let users = null;
  for (const { type, data } of items) {
    if (type === "usersInRoom") users = data;
    else if (type === "message") messages.push(parsed(data));
  }
  return [users, messages.filter((message) => message?.from && message.type)];
}

/** @param {string} data */
function parsed(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
