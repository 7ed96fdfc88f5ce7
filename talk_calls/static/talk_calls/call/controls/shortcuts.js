// Keys that press the page's buttons, and a held space bar to talk.
//
// A key presses the button that names it in `aria-keyshortcuts`, if that is in the view that is shown.

import { byId, text } from "../page/page.js";
import { remember, remembered } from "../page/storage.js";

/** @import { Media } from "../devices/media.js" */
/** @import { MenuItem } from "../page/menu.js" */

const TAKES_KEYS = "input, textarea, select, [contenteditable], [role=menu], dialog";
const PRESSED_BY_SPACE = "button, a, summary, [role=button]";

export class Shortcuts {
  #isHeld = false; // the space bar
  #isTalking = false; // since it is held
  /** @type {"keyboard" | "pointer"} */
  #lastUsed = "keyboard";
  #focusedBy = "keyboard";

  /**
   * `media` is our microphone, which a held space bar switches on.
   *
   * @param {{ media: Media }} options
   */
  constructor({ media }) {
    this.media = media;
    addEventListener("pointerdown", () => (this.#lastUsed = "pointer"), true);
    addEventListener("focusin", () => (this.#focusedBy = this.#lastUsed));
    addEventListener("keydown", () => (this.#lastUsed = "keyboard"), true);
    addEventListener("keydown", (event) => this.#onKeyDown(event));
    addEventListener("keyup", (event) => this.#onKeyUp(event));
    // The key may be released while another window has the focus.
    addEventListener("blur", () => this.#stopTalking());
    const choice = byId("shortcuts-on");
    choice.checked = areOn();
    choice.addEventListener("change", () => remember("shortcuts", choice.checked));
  }

  /** @param {KeyboardEvent} event */
  #onKeyDown(event) {
    if (!areOn() || !isForShortcuts(event)) return;
    const key = keyOf(event);
    if (key === " ") return this.#talk(event);
    if (event.repeat) return;
    if (key === "?") return showShortcuts();
    buttonFor(key)?.click();
  }

  /** @param {KeyboardEvent} event */
  #onKeyUp(event) {
    if (event.key !== " " || !this.#isHeld) return;
    event.preventDefault(); // some browsers press the button now
    this.#stopTalking();
  }

  /** @param {KeyboardEvent} event */
  #talk(event) {
    const target = /** @type {Element} */ (event.target);
    // A button keeps the focus after a click, but who holds the space bar then means to talk.
    if (this.#focusedBy === "keyboard" && target.matches(PRESSED_BY_SPACE)) return;
    if (!isInCall()) return;
    event.preventDefault();
    this.#isHeld = true;
    if (event.repeat || this.media.isOn("audio")) return;
    this.#isTalking = true;
    this.media.set("audio", true);
  }

  #stopTalking() {
    this.#isHeld = false;
    if (!this.#isTalking) return;
    this.#isTalking = false;
    this.media.set("audio", false);
  }
}

/**
 * Return the entry for the list of shortcuts.
 *
 * @returns {MenuItem}
 */
export const shortcutsItem = () => ({
  label: text("shortcuts"),
  icon: "keyboard",
  onSelect: showShortcuts,
});

/** Show the list of shortcuts, where they can be switched off. */
function showShortcuts() {
  byId("shortcuts").showModal();
}

const areOn = () => remembered("shortcuts") !== false;

const isInCall = () => !byId("toolbar").closest("[hidden]");

/**
 * Return whether a key is pressed for the page: no modifiers, and not while typing.
 *
 * @param {KeyboardEvent} event
 */
export function isForShortcuts(event) {
  if (event.defaultPrevented || event.isComposing) return false;
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  if (event.shiftKey && event.key !== "?") return false;
  return !(/** @type {Element} */ (event.target).closest?.(TAKES_KEYS));
}

/**
 * Return the key as a shortcut names it; with keyboards of other scripts, by its place.
 *
 * @param {Pick<KeyboardEvent, "key" | "code">} event
 */
export function keyOf({ key, code }) {
  const isLatin = key.length === 1 && key <= "~";
  return (isLatin ? key : code.replace(/^Key/, "")).toUpperCase();
}

/** @param {string} key */
function buttonFor(key) {
  const buttons = document.querySelectorAll(`[aria-keyshortcuts="${CSS.escape(key)}"]`);
  return [...buttons].find((button) => !button.closest("[hidden]"));
}
