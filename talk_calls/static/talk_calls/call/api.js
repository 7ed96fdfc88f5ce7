// The OCS API of one conversation. Whatever goes wrong is a `Refusal` or `Unreachable`.

const TIMEOUT = 20_000; // ms
const PULL_TIMEOUT = 50_000; // ms; the server holds a pull for 25 s

/** The server's answer is no. */
export class Refusal extends Error {
  constructor(status, data) {
    super(`refused with ${status}`);
    this.status = status;
    this.code = data?.error;
  }
}

/** There was no answer, or none that means anything: worth another try. */
export class Unreachable extends Error {}

export class Api {
  constructor({ api, token }) {
    this.base = api;
    this.token = token;
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
  setLobby = (state) => this.ask("PUT", `v4/room/${this.token}/webinar/lobby`, { state });
  setLock = (state) => this.ask("PUT", `v4/room/${this.token}/read-only`, { state });

  /** Leave conversation and call; `keepalive` lets the request outlive the page. */
  leave = () =>
    this.ask("DELETE", `v4/room/${this.token}/participants/active`, {}, { keepalive: true });

  send = (messages) =>
    this.ask("POST", `v3/signaling/${this.token}`, { messages: JSON.stringify(messages) });

  /** Return what is new, and the number to acknowledge it by; only an answer that is whole counts. */
  pull = async (acknowledged, signal) => {
    const options = { signal, timeout: PULL_TIMEOUT };
    const path = `v3/signaling/${this.token}`;
    const { data, told } = await this.exchange("GET", path, { acknowledged }, options);
    return [data, Number(told.get("X-Talk-Calls-Answer") ?? acknowledged)];
  };

  ask = async (...request) => (await this.exchange(...request)).data;

  async exchange(method, path, data = {}, { timeout = TIMEOUT, signal, ...options } = {}) {
    const url = new URL(this.base + path, location.href);
    const headers = { "OCS-APIRequest": "true", Accept: "application/json" };
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
    const { status, answer, told } = await fetched(url, request);
    if (status >= 500) throw new Unreachable(`status ${status}`);
    if (status >= 400) throw new Refusal(status, answer?.ocs?.data);
    if (!answer?.ocs) throw new Unreachable("no OCS answer");
    return { data: answer.ocs.data, told };
  }
}

async function fetched(url, request) {
  try {
    const response = await fetch(url, request);
    const { status, headers } = response;
    return { status, told: headers, answer: await response.json().catch(() => null) };
  } catch (error) {
    throw new Unreachable(error.message);
  }
}
