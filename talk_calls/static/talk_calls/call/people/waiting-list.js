// The list of those who wait in the lobby, at the top of the panel, for moderators.

import { byId, instance, text } from "../page/page.js";
import { keepFocus, removeFromList } from "./focus.js";

export class WaitingList {
  #items = new Map(); // id of the attendee → { item, name }
  #onAction;

  /** `onAction` gets "admit", "admit-all" or "remove", and to whom it is done. */
  constructor({ onAction }) {
    this.#onAction = onAction;
    byId("admit-all").addEventListener("click", () => this.#admitAll());
  }

  /** Show those who wait, and their number on the button that opens the panel. */
  show(people) {
    const shown = new Set(people.map(({ attendeeId }) => attendeeId));
    for (const id of this.#items.keys()) if (!shown.has(id)) this.#remove(id);
    for (const person of people) this.#show(person);
    const number = people.length;
    byId("waiting-heading").textContent = number ? text("waiting", { number }) : "";
    byId("waiting-badge").textContent = number || "";
    byId("waiting-badge").hidden = !number;
    byId("admit-all").hidden = number < 2;
    keepFocus(
      byId("waiting-section"),
      () => (byId("waiting-section").hidden = !number),
      () => [byId("panel-heading")],
    );
  }

  #show({ attendeeId, displayName }) {
    const name = displayName || text("guest");
    const { item } = this.#items.get(attendeeId) ?? this.#add(attendeeId);
    if (this.#items.get(attendeeId).name === name) return;
    this.#items.set(attendeeId, { item, name });
    item.querySelector(".name").textContent = name;
    for (const action of ["admit", "remove"]) {
      const button = item.querySelector(`.${action}`);
      button.ariaLabel = button.title = text(action, { name });
    }
  }

  #add(attendeeId) {
    const item = instance("waiting-template");
    for (const action of ["admit", "remove"]) {
      const button = item.querySelector(`.${action}`);
      button.addEventListener("click", () => this.#run(button, action, attendeeId));
    }
    this.#items.set(attendeeId, { item });
    byId("waiting").append(item);
    return { item };
  }

  #remove(attendeeId) {
    const { item } = this.#items.get(attendeeId);
    this.#items.delete(attendeeId);
    removeFromList(item, ".admit", byId("panel-heading"));
  }

  /** Do something to one person; a second press meanwhile does nothing. */
  async #run(button, action, attendeeId) {
    if (button.ariaDisabled === "true") return;
    button.ariaDisabled = "true";
    await this.#onAction(action, { attendeeId, name: this.#items.get(attendeeId).name });
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
