// Toasts: lines that say what happened and go by themselves; screen readers read them aloud.

import { byId, text } from "./page.js";

const SHOWN_FOR = 6000; // ms
const WITH_ACTION_FOR = 15_000; // ms, as there is something to decide
const MOST = 2;

/** @typedef {{ key: string, run: () => void }} Action */

/**
 * Say a text for a while.
 *
 * `values` fill the text as in `text`. `action` makes a button: `key` is its text, `run` what it
 * does. A toast stays while the pointer or the focus is on it.
 *
 * @param {string} key
 * @param {TextValues} [values]
 * @param {{ action?: Action | null }} [options]
 */
export function announce(key, values, { action = null } = {}) {
  const toast = document.createElement("div");
  toast.className = "toast";
  const line = document.createElement("p");
  line.textContent = text(key, values);
  toast.append(line);
  if (action) toast.append(actionButton(action, toast));
  log().append(toast);
  goLater(toast, action ? WITH_ACTION_FOR : SHOWN_FOR);
  const removable = [...log().children].filter((each) => each !== toast && !isHeld(each));
  while (log().children.length > MOST && removable.length) removable.shift()?.remove();
}

/** Remove all toasts, as they are about what is over. */
announce.clear = () => {
  for (const id of ["log", "call-log"]) byId(id).replaceChildren();
};

/** Return where toasts are: the call has a place where they cover nothing. */
const log = () => byId(document.body.dataset.view === "call" ? "call-log" : "log");

const heading = () => document.querySelector("main > section:not([hidden]) h2");

/** @param {Element} toast */
const isHeld = (toast) => toast.matches(":hover, :focus-within");

/** @type {(toast: Element, time: number) => void} */
function goLater(toast, time) {
  /** @type {number | undefined} */
  let timer;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (isHeld(toast) ? start() : toast.remove()), time);
  };
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusout", start);
  start();
}

/** @type {(action: Action, toast: Element) => HTMLButtonElement} */
function actionButton({ key, run }, toast) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text(key);
  button.addEventListener("click", () => {
    toast.remove();
    run();
    // What was run may have moved the focus; nowhere it must not be.
    if (document.activeElement === document.body) heading()?.focus();
  });
  return button;
}
