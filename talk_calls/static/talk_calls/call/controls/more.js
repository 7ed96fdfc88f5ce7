// The menu of what the toolbar has no place for.

import { byId, text } from "../page/page.js";
import { Menu } from "../page/menu.js";

/** @import { MenuItem } from "../page/menu.js" */

/**
 * @typedef {"controls" | "view" | "settings"} Group
 */

/** @type {Group[]} */
const GROUPS = ["controls", "view", "settings"];

export class More {
  /** @type {{ group: Group, item: () => MenuItem | null }[]} */
  #entries = [];

  constructor() {
    new Menu(byId("more"), () => GROUPS.map((group) => ({ items: this.#itemsOf(group) })));
  }

  /**
   * Add an entry at the end of a group.
   * @param {Group} group
   * @param {() => MenuItem | null} item - the entry as it is now, or null if there is none now
   */
  add(group, item) {
    this.#entries.push({ group, item });
  }

  /**
   * Offer what a button of the toolbar does, while the window has no place for the button.
   *
   * @param {HTMLElement} button
   */
  addButton(button) {
    this.add("controls", () => instead(button));
  }

  /** @param {Group} wanted */
  #itemsOf(wanted) {
    return this.#entries
      .filter(({ group }) => group === wanted)
      .map(({ item }) => item())
      .filter((item) => item !== null);
  }
}

/**
 * Return an entry that presses a button, or null if the button is shown or not offered at all.
 *
 * @param {HTMLElement} button
 * @returns {MenuItem | null}
 */
export function instead(button) {
  if (button.hidden || button.checkVisibility()) return null;
  return {
    label: button.textContent.trim(),
    icon: button.querySelector("use").getAttribute("href")?.replace("#icon-", ""),
    onSelect: () => button.click(),
  };
}

/**
 * Return the entry for the whole screen, or null where there is none, as on some phones.
 *
 * @returns {MenuItem | null}
 */
export function fullScreen() {
  if (!document.fullscreenEnabled) return null;
  const isOn = Boolean(document.fullscreenElement);
  return {
    label: text("full-screen"),
    icon: "enlarge",
    isChecked: isOn,
    isSwitch: true,
    onSelect: () =>
      isOn ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
  };
}
