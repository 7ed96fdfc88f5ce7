// The side panel: opening and closing it, the link, and the moderators' buttons.

import { byId, text } from "../page/page.js";
import { remember, remembered } from "../page/storage.js";

/** @import { Action } from "../moderation/moderation.js" */

const KNOCK = "knock"; // what is remembered: whether a sound tells that somebody waits

/** @type {Action[]} */
const LIMITED = ["lobby", "mute-all", "lock"]; // not every moderator may do that

export class Panel {
  #button = byId("panel-button");
  #can;
  #onAction;
  #onOpen;

  /**
   * `can` and `onAction` are those of `Moderation`; `onOpen` is called after it was opened.
   *
   * @param {{
   *   can: (action: Action) => boolean,
   *   onAction: (action: Action) => void,
   *   onOpen: () => void,
   * }} options
   */
  constructor({ can, onAction, onOpen }) {
    this.#can = can;
    this.#onAction = onAction;
    this.#onOpen = onOpen;
    this.#button.addEventListener("click", () => this.open(!this.isOpen));
    byId("panel-close").addEventListener("click", () => this.open(false));
    byId("panel").addEventListener("keydown", (event) => this.#onKey(event));
    for (const action of /** @type {Action[]} */ ([...LIMITED, "end"]))
      byId(action).addEventListener("click", () => this.#onAction(action));
    byId("bans-open").addEventListener("click", () => this.#onAction("bans"));
    byId("knock").checked = knocks();
    byId("knock").addEventListener("change", () => remember(KNOCK, byId("knock").checked));
  }

  get isOpen() {
    return !byId("panel").hidden;
  }

  /**
   * Open or close it; the focus goes to its heading, or back to the button.
   *
   * @param {boolean} isOpen
   */
  open(isOpen) {
    byId("panel").hidden = !isOpen;
    this.#button.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) return this.#button.focus();
    byId("panel").scrollTop = 0;
    byId("panel-heading").focus();
    this.#onOpen();
  }

  /** @param {number} number */
  setNumber(number) {
    byId("panel-heading").textContent = text("people", { number });
  }

  /**
   * Show the moderators' buttons for the conversation as it is now.
   *
   * @param {Room} room
   */
  setRoom(room) {
    byId("moderation").hidden = !this.#can("end");
    for (const action of LIMITED) byId(action).hidden = !this.#can(action);
    byId("lobby").textContent = text(room.lobbyState ? "lobby-off" : "lobby-on");
    byId("end").hidden = !this.#can("end");
    byId("bans-open").hidden = !this.#can("bans");
    byId("knock-field").hidden = !room.lobbyState;
  }

  /**
   * The first Escape empties a field, the next closes the panel.
   *
   * @param {KeyboardEvent} event
   */
  #onKey({ key, target, defaultPrevented }) {
    const search = byId("people-search");
    if (key !== "Escape" || defaultPrevented || (target === search && search.value)) return;
    this.open(false);
  }
}

/** Return whether the user wants to hear that somebody waits in the lobby. */
export const knocks = () => remembered(KNOCK) !== false;
