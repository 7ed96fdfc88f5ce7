// Questions that have to be answered before anything else.

import { byId, text } from "./page.js";

/**
 * Ask a question, and return whether the answer is yes; the focus goes back to where it was.
 *
 * `verb` is the key of the text on the button that says yes. Both texts have `values` filled in.
 * @param {string} key
 * @param {TextValues} values
 * @param {{ verb: string }} options
 */
export async function ask(key, values, { verb }) {
  byId("question-text").textContent = text(key, values);
  byId("question-verb").textContent = text(verb, values);
  return (await answered(byId("question"))) === "yes";
}

/**
 * Open a dialog; return the value of the button that closed it, and "no" if none did.
 *
 * @param {HTMLDialogElement} dialog
 */
export async function answered(dialog) {
  dialog.returnValue = "no";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  return dialog.returnValue;
}

/** Close every dialog, as if it were answered with no: what it asks about is over. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll("dialog")) if (dialog.open) dialog.close();
}
