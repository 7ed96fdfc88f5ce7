// The STUN and TURN servers for connections, with credentials that are replaced before they expire.

const LONGEST_DELAY = 2 ** 31 - 1; // ms; longer timers fire at once

export class IceServers {
  /** @type {RTCIceServer[] | null} */
  #servers = null;
  #askedAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * `ask` returns the settings of the API; `lifetime` is that of credentials in seconds, null without
   * any; `now` returns the time in milliseconds; `onRenewed` gets the servers with new credentials.
   *
   * @param {{ ask: () => Promise<SignalingSettings>, lifetime: number | null, now: () => number,
   *   onRenewed: (servers: RTCIceServer[]) => void }} options
   */
  constructor({ ask, lifetime, now, onRenewed }) {
    this.ask = ask;
    this.now = now;
    this.onRenewed = onRenewed;
    this.halfLife = lifetime ? lifetime * 500 : Infinity;
  }

  /**
   * Keep the servers of settings that were just received.
   *
   * @param {SignalingSettings} settings
   */
  take({ stunservers, turnservers }) {
    this.#servers = [...stunservers, ...turnservers].filter(({ urls }) => urls?.length);
    this.#askedAt = this.now();
    this.#renewLater();
    return this.#servers;
  }

  /** Return the servers, with credentials of which less than half of their life is over. */
  async get() {
    if (this.#servers && this.now() - this.#askedAt < this.halfLife) return this.#servers;
    return this.take(await this.ask());
  }

  /** Forget them: whoever waits gets no relays, and others once they come in. */
  forget() {
    clearTimeout(this.#timer);
    this.#servers = null;
  }

  #renewLater() {
    clearTimeout(this.#timer);
    if (this.halfLife === Infinity) return;
    this.#timer = setTimeout(() => this.#renew(), Math.min(this.halfLife, LONGEST_DELAY));
  }

  async #renew() {
    try {
      this.onRenewed(this.take(await this.ask()));
    } catch {
      this.#renewLater(); // they are valid for the other half of their life
    }
  }
}
