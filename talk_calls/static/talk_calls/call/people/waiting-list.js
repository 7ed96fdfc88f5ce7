// The list of those who wait in the lobby, at the top of the panel, for moderators.

import { byId, instance, text } from "../page/page.js";
import { keepFocus, removeFromList } from "./focus.js";

/** @import { Action, Target } from "../moderation/moderation.js" */

/** @type {Action[]} */
const ACTIONS = ["admit", "remove"]; // those of one person

export class WaitingList {
  /** @type {Map<number, { item: HTMLElement, name?: string }>} */
  #items = new Map(); // by the id of the attendee
  #onAction;

  /**
   * `onAction` gets what is done, and to whom; it returns a promise that ends afterwards.
   *
   * @param {{ onAction: (action: Action, target: Target) => Promise<unknown> }} options
   */
  constructor({ onAction }) {
    this.#onAction = onAction;
    byId("admit-all").addEventListener("click", () => this.#admitAll());
  }

  /**
   * Show those who wait, and their number on the button that opens the panel.
   *
   * @param {Participant[]} people
   */
  show(people) {
    const shown = new Set(people.map(({ attendeeId }) => attendeeId));
    for (const [id, { item }] of this.#items) if (!shown.has(id)) this.#remove(id, item);
    for (const person of people) this.#show(person);
    const number = people.length;
    byId("waiting-heading").textContent = number ? text("waiting", { number }) : "";
    byId("waiting-badge").textContent = number ? String(number) : "";
    byId("waiting-badge").hidden = !number;
    byId("admit-all").hidden = number < 2;
    keepFocus(
      byId("waiting-section"),
      () => (byId("waiting-section").hidden = !number),
      () => [byId("panel-heading")],
    );
  }

  /** @param {Participant} person */
  #show({ attendeeId, displayName }) {
    const name = displayName || text("guest");
    const { item, name: before } = this.#items.get(attendeeId) ?? this.#add(attendeeId);
    if (before === name) return;
    this.#items.set(attendeeId, { item, name });
    item.querySelector(".name").textContent = name;
    for (const action of ACTIONS) {
      const button = item.querySelector(`.${action}`);
      button.ariaLabel = button.title = text(action, { name });
    }
  }

  /**
   * @param {number} attendeeId
   * @returns {{ item: HTMLElement, name?: string }}
   */
  #add(attendeeId) {
    const item = instance("waiting-template");
    for (const action of ACTIONS) {
      const button = item.querySelector(`.${action}`);
      button.addEventListener("click", () => this.#run(button, action, attendeeId));
    }
    this.#items.set(attendeeId, { item });
    byId("waiting").append(item);
    return { item };
  }

  /** @type {(attendeeId: number, item: HTMLElement) => void} */
  #remove(attendeeId, item) {
    this.#items.delete(attendeeId);
    removeFromList(item, ".admit", byId("panel-heading"));
  }

  /**
   * Do something to one person; a second press meanwhile does nothing.
   *
   * @type {(button: HTMLElement, action: Action, attendeeId: number) => Promise<void>}
   */
  async #run(button, action, attendeeId) {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    await this.#onAction(action, { attendeeId, name: this.#items.get(attendeeId)?.name });
    button.ariaDisabled = null;
  }

  async #admitAll() {
    const button = byId("admit-all");
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    await this.#onAction("admit-all", { attendeeIds: [...this.#items.keys()] });
    button.ariaDisabled = null;
  }
}
