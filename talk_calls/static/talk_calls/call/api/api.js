// The OCS API of one conversation. Every error is a `Refusal` or an `Unreachable`.

import { ServerClock } from "./clock.js";

const TIMEOUT = 20_000; // ms
const PULL_TIMEOUT = 50_000; // ms; the server holds a pull for 25 s

/**
 * The server refused: a status of 4xx. `code` is the `error` of its data, if any, and `reason` says
 * why the session that asked has ended, if it has and the server knows.
 */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{ error?: string, reason?: string } | undefined} data
   */
  constructor(status, data) {
    super(`refused with ${status}`);
    this.status = status;
    this.code = data?.error;
    this.reason = data?.reason;
  }
}

/**
 * Do nothing about a refusal, which changes nothing for us; for `catch`.
 *
 * @param {unknown} error
 */
export function ignoreRefusal(error) {
  if (!(error instanceof Refusal)) throw error;
}

/** There was no answer, or none in the OCS format: try again. */
export class Unreachable extends Error {}

/** @typedef {{ timeout?: number, signal?: AbortSignal, keepalive?: boolean }} RequestOptions */

export class Api {
  clock = new ServerClock();

  /** @param {Pick<Config, "api" | "token">} config */
  constructor({ api, token }) {
    this.base = api;
    this.token = token;
    this.window = ownWindow();
  }

  /** @returns {Promise<Room>} */
  room = () => this.ask("GET", `v4/room/${this.token}`);
  /** @type {(password: string) => Promise<Room>} */
  enter = (password) => this.ask("POST", `v4/room/${this.token}/participants/active`, { password });
  /** @param {string} displayName */
  name = (displayName) => this.ask("POST", `v1/guest/${this.token}/name`, { displayName });
  /** @returns {Promise<SignalingSettings>} */
  settings = () => this.ask("GET", "v3/signaling/settings", { token: this.token });
  /** @type {(flags: number, recordingConsent: boolean) => Promise<void>} */
  join = (flags, recordingConsent) =>
    this.ask("POST", `v4/call/${this.token}`, { flags, recordingConsent });
  /** @param {number} flags */
  changeFlags = (flags) => this.ask("PUT", `v4/call/${this.token}`, { flags });
  /** @returns {Promise<Caller[]>} */
  callers = () => this.ask("GET", `v4/call/${this.token}`);
  endForAll = () => this.ask("DELETE", `v4/call/${this.token}`, { all: true });
  /** @returns {Promise<Participant[]>} */
  participants = () => this.ask("GET", `v4/room/${this.token}/participants`);
  /** @param {number} attendeeId */
  remove = (attendeeId) => this.ask("DELETE", `v4/room/${this.token}/attendees`, { attendeeId });
  /**
   * Ban somebody; `actorId` is that of the list of participants.
   *
   * @param {{ actorType: string, actorId: string, shownNote: string, internalNote: string }} ban
   */
  ban = (ban) => this.ask("POST", `v1/ban/${this.token}`, ban);
  /** @returns {Promise<Ban[]>} */
  bans = () => this.ask("GET", `v1/ban/${this.token}`);
  /** @param {number} id */
  liftBan = (id) => this.ask("DELETE", `v1/ban/${this.token}/${id}`);
  /** @type {(attendeeId: number, permissions: number) => Promise<void>} */
  setPermissions = (attendeeId, permissions) =>
    this.ask("PUT", `v4/room/${this.token}/attendees/permissions`, {
      attendeeId,
      method: "set",
      permissions,
    });
  /** @type {(state: 0 | 1) => Promise<Room>} */
  setLobby = (state) => this.ask("PUT", `v4/room/${this.token}/webinar/lobby`, { state });
  /** @param {0 | 1} state */
  setLock = (state) => this.ask("PUT", `v4/room/${this.token}/read-only`, { state });

  /**
   * Ask who is in the call, and how our own visit stands.
   *
   * @returns {Promise<VisitAnswer>}
   */
  visit = () => this.ask("GET", `v1/visit/${this.token}`);

  /** End the other sessions of our account in the conversation. */
  endOtherDevices = () => this.ask("DELETE", `v1/visit/${this.token}/others`);

  /** Leave the call, and stay in the conversation. */
  leaveCall = () => this.ask("DELETE", `v4/call/${this.token}`, {}, { keepalive: true });

  /** Leave conversation and call; `keepalive` lets the request outlive the page. */
  leave = () =>
    this.ask("DELETE", `v4/room/${this.token}/participants/active`, {}, { keepalive: true });

  /** @param {{ ev: string, fn: string, sessionId: string }[]} messages */
  send = (messages) =>
    this.ask("POST", `v3/signaling/${this.token}`, { messages: JSON.stringify(messages) });

  /**
   * Return the whole address of a path, for servers that ask this site.
   *
   * @param {string} path
   */
  address = (path) => new URL(this.base + path, location.href).href;

  /**
   * Long-poll; return the items, and the number that the next pull acknowledges.
   *
   * @param {number} acknowledged
   * @param {AbortSignal} signal
   * @returns {Promise<[{ type: string, data: any }[], number]>}
   */
  async pull(acknowledged, signal) {
    const options = { signal, timeout: PULL_TIMEOUT };
    const path = `v3/signaling/${this.token}`;
    const { data, headers } = await this.#request("GET", path, { acknowledged }, options);
    return [data, Number(headers.get("X-Talk-Calls-Answer") ?? acknowledged)];
  }

  /**
   * Make a request, and return the data of the answer.
   *
   * @param {string} method
   * @param {string} path
   * @param {Record<string, any>} [data] body of POST and PUT, otherwise query
   * @param {RequestOptions} [options]
   * @returns {Promise<any>}
   */
  async ask(method, path, data, options) {
    const answer = await this.#request(method, path, data, options);
    return answer.data;
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {Record<string, any>} [data]
   * @param {RequestOptions} [options]
   */
  async #request(method, path, data = {}, { timeout = TIMEOUT, signal, ...options } = {}) {
    const url = new URL(this.address(path));
    /** @type {Record<string, string>} */
    const headers = {
      "OCS-APIRequest": "true",
      Accept: "application/json",
      "X-Talk-Calls-Window": this.window,
    };
    const hasBody = method === "POST" || method === "PUT";
    if (hasBody) headers["Content-Type"] = "application/json";
    else for (const [name, value] of Object.entries(data)) url.searchParams.set(name, value);
    const limit = AbortSignal.timeout(timeout);
    /** @type {RequestInit} */
    const request = {
      method,
      headers,
      body: hasBody ? JSON.stringify(data) : undefined,
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...options,
    };
    const { status, answer, ...rest } = await fetched(url, request);
    this.clock.observe(rest.headers.get("Date"));
    if (status >= 500) throw new Unreachable(`status ${status}`);
    if (status >= 400) throw new Refusal(status, answer?.ocs?.data);
    if (!answer?.ocs) throw new Unreachable("no OCS answer");
    return { data: answer.ocs.data, headers: rest.headers };
  }
}

/** Return an id of this window among those of the browser; it survives a reload. */
function ownWindow() {
  const name = "talk-calls-window";
  const known = sessionStorage.getItem(name);
  if (known) return known;
  const id = crypto.randomUUID();
  sessionStorage.setItem(name, id);
  return id;
}

/**
 * @param {URL} url
 * @param {RequestInit} request
 */
async function fetched(url, request) {
  try {
    const response = await fetch(url, request);
    const body = await response.text();
    return { status: response.status, headers: response.headers, answer: parsed(body) };
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/** @param {string} body */
function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null; // perhaps an error page of a proxy
  }
}
