// What a button of the toolbar says and shows.

import { byId, text } from "../page/page.js";

/**
 * Name a button by what pressing it does now, and mark it while what it does is on.
 *
 * @type {(id: string, key: string, isOn: boolean) => void}
 */
export function label(id, key, isOn) {
  byId(id).querySelector(".label").textContent = text(key);
  byId(id).classList.toggle("on", isOn);
}
