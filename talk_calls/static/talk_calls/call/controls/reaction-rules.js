// Which reactions are shown, and how they are told.

const REACT = 256; // permission
const LONGEST = 16; // UTF-16 units; a family of four has 11
const WINDOW = 3000; // ms
const MOST_IN_WINDOW = 4; // reactions of one person
const MOST_NAMES = 3;

/**
 * Return whether somebody with these permissions may react; undefined is somebody whom no list of the
 * server has named yet, and who is believed.
 *
 * @param {number | undefined} permissions
 */
export const mayReact = (permissions) => permissions === undefined || Boolean(permissions & REACT);

// One picture, with a skin tone or joined to others.
const PART = String.raw`\p{Extended_Pictographic}[\u{1f3fb}-\u{1f3ff}]?\ufe0f?`;
const EMOJI = new RegExp(`^${PART}(?:\\u200d${PART})*$`, "u");

/**
 * Return whether something is a single emoji, and no text.
 *
 * @param {unknown} value
 * @returns {value is string}
 */
export function isReaction(value) {
  return typeof value === "string" && value.length <= LONGEST && EMOJI.test(value);
}

/** @typedef {{ reaction: string, name: string }} Reaction */

/** Allows so many reactions of each session within a few seconds. */
export class RateLimit {
  /** @type {Map<string, number[]>} */
  #times = new Map(); // session → times of its latest reactions

  /** @type {(session: string, now?: number) => boolean} */
  allows(session, now = performance.now()) {
    const recent = (this.#times.get(session) ?? []).filter((time) => now - time < WINDOW);
    const isAllowed = recent.length < MOST_IN_WINDOW;
    this.#times.set(session, isAllowed ? [...recent, now] : recent);
    return isAllowed;
  }

  /** @param {string} session */
  forget(session) {
    this.#times.delete(session);
  }
}

/**
 * Put reactions together: `[{reaction, name}]` becomes one entry for each reaction with the `names`
 * of its people, or only their `number` if there are many.
 *
 * @param {Reaction[]} reactions
 */
export function summary(reactions) {
  /** @type {Map<string, Set<string>>} */
  const people = new Map(); // reaction → names
  for (const { reaction, name } of reactions)
    people.set(reaction, (people.get(reaction) ?? new Set()).add(name));
  return [...people].map(([reaction, names]) =>
    names.size > MOST_NAMES ? { reaction, number: names.size } : { reaction, names: [...names] },
  );
}
