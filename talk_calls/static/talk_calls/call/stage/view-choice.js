// What the user chooses about the stage, which the browser remembers.

import { Menu } from "../page/menu.js";
import { byId, text } from "../page/page.js";
import { remember, remembered } from "../page/storage.js";

/** @typedef {"grid" | "speaker"} Mode */

/** @type {Mode[]} */
const MODES = ["grid", "speaker"];

export class ViewChoice {
  /** @type {Mode} */
  #mode = remembered("view");
  #showsOwn = remembered("shows-own") !== false;

  /**
   * `onChange` is called when something else was chosen.
   *
   * @param {{ onChange: () => void }} options
   */
  constructor({ onChange }) {
    this.onChange = onChange;
    if (!MODES.includes(this.#mode)) this.#mode = "grid";
    new Menu(byId("view"), () => this.#groups());
  }

  get mode() {
    return this.#mode;
  }

  /** Whether our own picture is shown. */
  get showsOwn() {
    return this.#showsOwn;
  }

  /** @param {boolean} isShown */
  setShowsOwn(isShown) {
    this.#showsOwn = isShown;
    remember("shows-own", isShown);
    this.onChange();
  }

  /**
   * Offer the menu or not: who is alone has nothing to choose.
   *
   * @param {boolean} isOffered
   */
  setOffered(isOffered) {
    byId("view").hidden = !isOffered;
  }

  /** @param {Mode} mode */
  #setMode(mode) {
    this.#mode = mode;
    remember("view", mode);
    this.onChange();
  }

  #groups() {
    const labels = { grid: text("view-grid"), speaker: text("view-speaker") };
    const modes = MODES.map((mode) => ({
      label: labels[mode],
      isChecked: mode === this.#mode,
      onSelect: () => this.#setMode(mode),
    }));
    const own = {
      label: text("show-own"),
      isChecked: this.#showsOwn,
      isSwitch: true,
      onSelect: () => this.setShowsOwn(!this.#showsOwn),
    };
    return [{ items: modes }, { items: [own] }];
  }
}
