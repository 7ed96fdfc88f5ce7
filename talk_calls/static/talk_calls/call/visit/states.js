// The states of a visit, of which each is a view of the page, and how one follows the other.

/** What may follow a request to come in. */
const ENTERED = [
  "elsewhere",
  "password",
  "lobby",
  "waiting",
  "consent",
  "locked",
  "joining",
  "call",
];
/** Why nobody comes in now. */
const REFUSED = ["refused", "full", "busy"];
/** Why a session is gone. */
const GONE = [
  "gone",
  "replaced",
  "removed",
  "banned",
  "deleted",
  "timed-out",
  "logged-out",
  "login-expired",
  "account-disabled",
];
/** Any request may fail, and the conversation may be gone or hidden by then. */
const FAILED = ["not-found", "failed"];

const INSIDE = [
  "ready",
  "left",
  "out",
  "ended",
  "too-long",
  ...ENTERED,
  ...REFUSED,
  ...GONE,
  ...FAILED,
];
const OUTSIDE = ["ready", "locked", ...GONE, ...FAILED];

/**
 * Return a state in which nothing goes on any more; `again` is the method of its button.
 *
 * @param {Method | null} again
 * @returns {State}
 */
const over = (again, next = OUTSIDE) => ({ isOver: true, buttons: again ? { again } : {}, next });

/**
 * A method of `Visit` that a button calls.
 * @typedef {"agree" | "joinMuted" | "leave" | "open" | "switchHere" | "unlock"} Method
 *
 * @typedef {object} State
 * @property {boolean} [media] whether camera and microphone run
 * @property {boolean} [waits] whether a change in the conversation may lead further
 * @property {boolean} [isOver] whether nothing goes on any more, so that there is a link home
 * @property {Record<string, Method>} [buttons] by `data-act`
 * @property {string[]} next the states that may follow
 */

/**
 * Each state by its name, which is that of its view (`section[data-view]`).
 *
 * @type {Record<string, State>}
 */
export const STATES = {
  checking: { next: ["ready", "locked", "blocked", "unsupported", ...GONE, ...FAILED] },
  ready: { media: true, next: INSIDE },
  elsewhere: {
    media: true,
    buttons: { switch: "switchHere", muted: "joinMuted", back: "open" },
    next: INSIDE,
  },
  password: { next: INSIDE },
  joining: { media: true, buttons: { leave: "leave" }, next: INSIDE },
  lobby: { waits: true, buttons: { leave: "leave" }, next: INSIDE },
  waiting: { waits: true, buttons: { leave: "leave" }, next: INSIDE },
  consent: { buttons: { agree: "agree", leave: "leave" }, next: INSIDE },
  locked: { waits: true, buttons: { unlock: "unlock", again: "open" }, next: INSIDE },
  call: { media: true, buttons: { leave: "leave" }, next: INSIDE },

  left: over("open"),
  out: over("open"),
  ended: over("open"),
  "too-long": over("open"),
  "timed-out": over("open"),
  // Who continues here is in the call in the other window: a preview would interrupt them.
  replaced: over("switchHere", [...OUTSIDE, ...ENTERED, ...REFUSED]),
  gone: over("open"),
  removed: over(null),
  banned: over("open"),
  deleted: over(null),
  "logged-out": over(null),
  "login-expired": over(null),
  "account-disabled": over(null),

  "not-found": over("open"),
  refused: over("open"),
  full: over("open"),
  busy: over("open"),
  failed: over("open"),
  blocked: over(null, []),
  unsupported: over(null, []),
};

/** The state of a visit. */
export class VisitState {
  name = "checking";

  /** @param {(name: string, before: string) => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
  }

  /** @param {string[]} names */
  is = (...names) => names.includes(this.name);

  get waits() {
    return Boolean(STATES[this.name].waits);
  }

  /**
   * Return the method of `Visit` that a button calls now, or undefined.
   *
   * @param {string} act
   */
  action = (act) => STATES[this.name].buttons?.[act];

  /** @param {string} name */
  go(name) {
    const before = this.name;
    if (name === before) return;
    // The table is wrong then; whoever visits still gets the state that is true.
    if (!STATES[before].next.includes(name)) console.error(`talk_calls: ${before} → ${name}`);
    this.name = name;
    this.onChange(name, before);
  }
}
