// Who is the active speaker: the view follows them, but not each cough.

const PROVEN_AFTER = 1000; // ms of speech
const KEPT_FOR = 3000; // ms for which a new speaker stays, also if they fall silent
const TAKES_OVER_AFTER = 4000; // ms of speech while the active speaker goes on, as a noisy room does

export class ActiveSpeaker {
  /** @type {Map<string, number>} */
  #since = new Map(); // session → when they began to speak
  /** @type {string | null} */
  #active = null;
  #changedAt = -Infinity;
  /** @type {number | undefined} */
  #timer;

  /**
   * `onChange` gets the session of a new active speaker; who falls silent stays it until another speaks.
   *
   * @param {{ onChange: (session: string) => void, now?: () => number }} options
   */
  constructor({ onChange, now = () => performance.now() }) {
    this.onChange = onChange;
    this.now = now;
  }

  get session() {
    return this.#active;
  }

  /** @type {(session: string, isSpeaking: boolean) => void} */
  set(session, isSpeaking) {
    if (isSpeaking === this.#since.has(session)) return;
    if (isSpeaking) this.#since.set(session, this.now());
    else this.#since.delete(session);
    this.#decide();
  }

  /** @param {string} session */
  remove(session) {
    this.#since.delete(session);
    if (this.#active === session) this.#active = null;
    this.#decide();
  }

  #decide() {
    clearTimeout(this.#timer);
    const isHeld = this.#active !== null && this.#since.has(this.#active);
    // While the active one goes on, only who began later takes over: two at once do not alternate.
    const others = [...this.#since].filter(
      ([session, since]) => session !== this.#active && (!isHeld || since >= this.#changedAt),
    );
    if (!others.length) return;
    const [session, since] = others.reduce((first, each) => (each[1] < first[1] ? each : first));
    const due = isHeld
      ? since + TAKES_OVER_AFTER
      : Math.max(since + PROVEN_AFTER, this.#changedAt + KEPT_FOR);
    const wait = due - this.now();
    if (wait > 0) this.#timer = setTimeout(() => this.#decide(), wait);
    else this.#change(session);
  }

  /** @param {string} session */
  #change(session) {
    this.#active = session;
    this.#changedAt = this.now();
    this.onChange(session);
  }
}
