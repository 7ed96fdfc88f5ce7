// The side panel: the list of people, the link, and the moderators' buttons.

import { ask, byId, instance, text } from "../page/page.js";

export class Panel {
  #items = new Map(); // session → element
  #room = {};
  #button = byId("panel-button");

  /** `can` tells whether we may "silence", "remove", "lobby" or "end"; `onAction` does it. */
  constructor({ nameOf, can, onAction }) {
    Object.assign(this, { nameOf, can, onAction });
    this.#button.addEventListener("click", () => this.open(byId("panel").hidden));
    byId("panel").addEventListener("keydown", ({ key }) => key === "Escape" && this.open(false));
    for (const id of ["lobby", "lock", "end"]) {
      byId(id).addEventListener("click", () => this.#runAction(id));
    }
  }

  open(isOpen) {
    byId("panel").hidden = !isOpen;
    this.#button.setAttribute("aria-expanded", isOpen);
    if (isOpen) {
      byId("panel-heading").focus();
      this.onAction("refresh");
    } else this.#button.focus();
  }

  show(person, { isOwn }) {
    const item = this.#items.get(person.session) ?? this.#add(person.session);
    const name = this.nameOf(person);
    item.querySelector(".name").textContent = name;
    item.querySelector(".state").textContent = stateText(person);
    this.#updateButton(item, ".silence", !isOwn && this.can("silence"), text("silence", { name }));
    this.#updateButton(item, ".remove", !isOwn && this.can("remove"), text("remove", { name }));
    item.querySelector(".buttons").hidden = isOwn || !(this.can("silence") || this.can("remove"));
    this.#updateHeading();
  }

  remove({ session }) {
    this.#items.get(session)?.remove();
    this.#items.delete(session);
    this.#updateHeading();
  }

  /** Show the moderators' buttons for the conversation as it is now. */
  setRoom(room) {
    this.#room = room;
    byId("moderation").hidden = !this.can("lobby") && !this.can("end");
    byId("lobby").hidden = byId("lock").hidden = !this.can("lobby");
    byId("lobby").textContent = text(room.lobbyState ? "lobby-off" : "lobby-on");
    byId("end").hidden = !this.can("end");
  }

  /** Show how many people wait in the lobby; 0 hides the line. */
  setWaitingCount(number) {
    byId("waiting-count").hidden = !number;
    byId("waiting-count").textContent = number ? text("waiting", { number }) : "";
  }

  #add(session) {
    const item = instance("person-template");
    for (const action of ["silence", "remove"]) {
      const button = item.querySelector(`.${action}`);
      button.addEventListener("click", () => this.#runAction(action, session));
    }
    this.#items.set(session, item);
    byId("people").append(item);
    return item;
  }

  #updateButton(item, selector, isShown, label) {
    const button = item.querySelector(selector);
    button.hidden = !isShown;
    button.setAttribute("aria-label", label);
    button.title = label;
  }

  #updateHeading() {
    byId("panel-heading").textContent = text("people", { number: this.#items.size });
  }

  async #runAction(action, session) {
    // Opening the lobby needs no confirmation.
    const lobby = this.#room.lobbyState ? null : "lobby-question";
    const questions = {
      remove: "remove-question",
      lock: "lock-question",
      end: "end-question",
      lobby,
    };
    const name = session && this.#items.get(session)?.querySelector(".name").textContent;
    if (questions[action] && !(await ask(questions[action], { name }))) return;
    this.onAction(action, session, name);
  }
}

function stateText({ hand, audio, speaking }) {
  const keys = [hand && "has-hand-up", !audio && "is-muted", speaking && "is-speaking"];
  return keys
    .filter(Boolean)
    .map((key) => text(key))
    .join(", ");
}
