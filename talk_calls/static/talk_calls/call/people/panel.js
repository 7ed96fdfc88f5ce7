// The side panel: opening and closing it, the link, and the moderators' buttons.

import { byId, text } from "../page/page.js";
import { announce } from "../page/toasts.js";
import { remember, remembered } from "../page/storage.js";

const KNOCK = "knock"; // what is remembered: whether a sound tells that somebody waits

export class Panel {
  #button = byId("panel-button");
  #can;
  #onAction;
  #onOpen;

  /** `can` and `onAction` are those of `Moderation`; `onOpen` is called after it was opened. */
  constructor({ can, onAction, onOpen }) {
    this.#can = can;
    this.#onAction = onAction;
    this.#onOpen = onOpen;
    this.#button.addEventListener("click", () => this.open(!this.isOpen));
    byId("panel-close").addEventListener("click", () => this.open(false));
    byId("panel").addEventListener("keydown", (event) => this.#onKey(event));
    byId("copy").addEventListener("click", () => copyLink());
    for (const action of ["lobby", "mute-all", "lock", "end"])
      byId(action).addEventListener("click", () => this.#onAction(action));
    byId("knock").checked = knocks();
    byId("knock").addEventListener("change", () => remember(KNOCK, byId("knock").checked));
  }

  get isOpen() {
    return !byId("panel").hidden;
  }

  /** Open or close it; the focus goes to its heading, or back to the button. */
  open(isOpen) {
    byId("panel").hidden = !isOpen;
    this.#button.setAttribute("aria-expanded", isOpen);
    if (!isOpen) return this.#button.focus();
    byId("panel").scrollTop = 0;
    byId("panel-heading").focus();
    this.#onOpen();
  }

  setNumber(number) {
    byId("panel-heading").textContent = text("people", { number });
  }

  /** Show the moderators' buttons for the conversation as it is now. */
  setRoom(room) {
    byId("moderation").hidden = !this.#can("end");
    for (const action of ["lobby", "mute-all", "lock"]) byId(action).hidden = !this.#can(action);
    byId("lobby").textContent = text(room.lobbyState ? "lobby-off" : "lobby-on");
    byId("end").hidden = !this.#can("end");
    byId("knock-field").hidden = !room.lobbyState;
  }

  /** The first Escape empties a field, the next closes the panel. */
  #onKey({ key, target, defaultPrevented }) {
    if (key !== "Escape" || defaultPrevented || target.value) return;
    this.open(false);
  }
}

/** Return whether the user wants to hear that somebody waits in the lobby. */
export const knocks = () => remembered(KNOCK) !== false;

async function copyLink() {
  const link = location.origin + location.pathname;
  try {
    await navigator.clipboard.writeText(link);
    announce("copied");
  } catch {
    announce("not-copied", { link });
  }
}
