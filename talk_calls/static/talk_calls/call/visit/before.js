// Before the call: who is in it, as far as the visitor may know.

import { byId, isolated, text } from "../page/page.js";

/** @import { Api } from "../api/api.js" */

const INTERVAL = 15_000; // ms
const MOST_NAMES = 5;

export class Before {
  #isShown = false;

  /**
   * `onName` gets the name of the conversation, if it is known; `onBan` is called if we are banned.
   *
   * @param {{ api: Api, onName: (name?: string) => void, onBan: () => void }} options
   */
  constructor({ api, onName, onBan }) {
    this.api = api;
    this.onName = onName;
    this.onBan = onBan;
    setInterval(() => this.#refresh(), INTERVAL);
  }

  /** @param {boolean} isShown */
  setShown(isShown) {
    this.#isShown = isShown;
    this.#refresh();
  }

  async #refresh() {
    if (!this.#isShown || document.hidden) return;
    /** @type {Partial<VisitAnswer>} */
    const answer = await this.api.visit().catch(() => ({})); // then it is not known
    if (isBan(answer) && this.#isShown) return this.onBan();
    this.onName(answer.displayName);
    const line = peopleText(answer);
    // The same text again would be read again.
    if (byId("before-people").textContent !== line) byId("before-people").textContent = line;
  }
}

/**
 * Return whether an answer says that we are banned; it has the note, which may be empty.
 *
 * @param {Partial<VisitAnswer>} answer
 */
export const isBan = ({ ban }) => typeof ban === "string";

/** @param {Partial<VisitAnswer>} answer */
function peopleText({ people = [], count = null }) {
  if (count === null) return "";
  if (!count) return text("nobody-in-call");
  if (!people.length) return text("number-in-call", { number: count });
  const names = people.slice(0, MOST_NAMES).map(isolated);
  const number = count - names.length;
  const list = new Intl.ListFormat(document.documentElement.lang);
  if (number <= 0) return text("names-in-call", { names: list.format(names) });
  return text("names-and-more-in-call", { names: names.join(", "), number });
}
