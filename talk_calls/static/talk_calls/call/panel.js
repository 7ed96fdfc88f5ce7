// The list of people, the link, and what moderators can do.

import { announce, ask, byId, instance, text } from "./page.js";

export class Panel {
  #items = new Map(); // session → element
  #room = {};
  #button = byId("panel-button");

  /** `can` says which of "silence", "remove", "lobby" and "end" we may do. */
  constructor({ nameOf, can, onAct }) {
    Object.assign(this, { nameOf, can, onAct });
    this.#button.addEventListener("click", () => this.open(byId("panel").hidden));
    byId("panel").addEventListener("keydown", ({ key }) => key === "Escape" && this.open(false));
    byId("copy").addEventListener("click", () => copyLink());
    for (const id of ["lobby", "lock", "end"]) {
      byId(id).addEventListener("click", () => this.#act(id));
    }
  }

  open(isOpen) {
    byId("panel").hidden = !isOpen;
    this.#button.setAttribute("aria-expanded", isOpen);
    if (isOpen) {
      byId("panel-heading").focus();
      this.onAct("look");
    } else this.#button.focus();
  }

  show(person, { isOwn }) {
    const item = this.#items.get(person.session) ?? this.#add(person.session);
    const name = this.nameOf(person);
    item.querySelector(".name").textContent = name;
    item.querySelector(".state").textContent = words(person);
    this.#offer(item, ".silence", !isOwn && this.can("silence"), text("silence", { name }));
    this.#offer(item, ".remove", !isOwn && this.can("remove"), text("remove", { name }));
    item.querySelector(".buttons").hidden = isOwn || !(this.can("silence") || this.can("remove"));
    this.#count();
  }

  remove({ session }) {
    this.#items.get(session)?.remove();
    this.#items.delete(session);
    this.#count();
  }

  /** Show what moderators may do, as the conversation is now. */
  moderate(room) {
    this.#room = room;
    byId("moderation").hidden = !this.can("lobby") && !this.can("end");
    byId("lobby").hidden = byId("lock").hidden = !this.can("lobby");
    byId("lobby").textContent = text(room.lobbyState ? "lobby-off" : "lobby-on");
    byId("end").hidden = !this.can("end");
  }

  /** Say how many wait; null where we do not know. */
  waiting(number) {
    byId("waiting-count").hidden = !number;
    byId("waiting-count").textContent = number ? text("waiting", { number }) : "";
  }

  #add(session) {
    const item = instance("person-template");
    for (const act of ["silence", "remove"]) {
      item.querySelector(`.${act}`).addEventListener("click", () => this.#act(act, session));
    }
    this.#items.set(session, item);
    byId("people").append(item);
    return item;
  }

  #offer(item, selector, isOffered, label) {
    const button = item.querySelector(selector);
    button.hidden = !isOffered;
    button.setAttribute("aria-label", label);
    button.title = label;
  }

  #count() {
    byId("panel-heading").textContent = text("people", { number: this.#items.size });
  }

  async #act(act, session) {
    const lobby = this.#room.lobbyState ? null : "lobby-question"; // nobody minds being let in
    const questions = {
      remove: "remove-question",
      lock: "lock-question",
      end: "end-question",
      lobby,
    };
    const name = session && this.#items.get(session)?.querySelector(".name").textContent;
    if (questions[act] && !(await ask(questions[act], { name }))) return;
    this.onAct(act, session, name);
  }
}

async function copyLink() {
  const link = location.origin + location.pathname;
  try {
    await navigator.clipboard.writeText(link);
    announce("copied");
  } catch {
    announce("not-copied", { link });
  }
}

function words({ hand, audio, speaking }) {
  const keys = [hand && "has-hand-up", !audio && "is-muted", speaking && "is-speaking"];
  return keys
    .filter(Boolean)
    .map((key) => text(key))
    .join(", ");
}
