// The OCS API of one conversation. Every error is a `Refusal` or an `Unreachable`.

const TIMEOUT = 20_000; // ms
const PULL_TIMEOUT = 50_000; // ms; the server holds a pull for 25 s

/** The server refused: a status of 4xx. `code` is the `error` of its data, if any. */
export class Refusal extends Error {
  constructor(status, data) {
    super(`refused with ${status}`);
    this.status = status;
    this.code = data?.error;
  }
}

/** There was no answer, or none in the OCS format: try again. */
export class Unreachable extends Error {}

export class Api {
  constructor({ api, token }) {
    this.base = api;
    this.token = token;
    this.window = ownWindow();
  }

  room = () => this.ask("GET", `v4/room/${this.token}`);
  enter = (password) => this.ask("POST", `v4/room/${this.token}/participants/active`, { password });
  name = (displayName) => this.ask("POST", `v1/guest/${this.token}/name`, { displayName });
  settings = () => this.ask("GET", "v3/signaling/settings", { token: this.token });
  join = (flags, recordingConsent) =>
    this.ask("POST", `v4/call/${this.token}`, { flags, recordingConsent });
  changeFlags = (flags) => this.ask("PUT", `v4/call/${this.token}`, { flags });
  callers = () => this.ask("GET", `v4/call/${this.token}`);
  endForAll = () => this.ask("DELETE", `v4/call/${this.token}`, { all: true });
  participants = () => this.ask("GET", `v4/room/${this.token}/participants`);
  remove = (attendeeId) => this.ask("DELETE", `v4/room/${this.token}/attendees`, { attendeeId });
  setPermissions = (attendeeId, permissions) =>
    this.ask("PUT", `v4/room/${this.token}/attendees/permissions`, {
      attendeeId,
      method: "set",
      permissions,
    });
  setLobby = (state) => this.ask("PUT", `v4/room/${this.token}/webinar/lobby`, { state });
  setLock = (state) => this.ask("PUT", `v4/room/${this.token}/read-only`, { state });

  /** Leave conversation and call; `keepalive` lets the request outlive the page. */
  leave = () =>
    this.ask("DELETE", `v4/room/${this.token}/participants/active`, {}, { keepalive: true });

  send = (messages) =>
    this.ask("POST", `v3/signaling/${this.token}`, { messages: JSON.stringify(messages) });

  /** Return the whole address of a path, for servers that ask this site. */
  address = (path) => new URL(this.base + path, location.href).href;

  /** Long-poll; return the items, and the number that the next pull acknowledges. */
  async pull(acknowledged, signal) {
    const options = { signal, timeout: PULL_TIMEOUT };
    const path = `v3/signaling/${this.token}`;
    const { data, headers } = await this.#request("GET", path, { acknowledged }, options);
    return [data, Number(headers.get("X-Talk-Calls-Answer") ?? acknowledged)];
  }

  async ask(...request) {
    const { data } = await this.#request(...request);
    return data;
  }

  async #request(method, path, data = {}, { timeout = TIMEOUT, signal, ...options } = {}) {
    const url = new URL(this.address(path));
    const headers = {
      "OCS-APIRequest": "true",
      Accept: "application/json",
      "X-Talk-Calls-Window": this.window,
    };
    const hasBody = method === "POST" || method === "PUT";
    if (hasBody) headers["Content-Type"] = "application/json";
    else for (const [name, value] of Object.entries(data)) url.searchParams.set(name, value);
    const limit = AbortSignal.timeout(timeout);
    const request = {
      method,
      headers,
      body: hasBody ? JSON.stringify(data) : undefined,
      cache: "no-store",
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
      ...options,
    };
    const { status, answer, ...rest } = await fetched(url, request);
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

async function fetched(url, request) {
  try {
    const response = await fetch(url, request);
    const body = await response.text();
    return { status: response.status, headers: response.headers, answer: parsed(body) };
  } catch (error) {
    throw new Unreachable(error.message);
  }
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null; // perhaps an error page of a proxy
  }
}
