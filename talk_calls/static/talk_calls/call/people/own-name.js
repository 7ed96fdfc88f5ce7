// The dialog in which a guest takes another name; users are named by their accounts.

import { Refusal } from "../api/api.js";
import { answered } from "../page/dialogs.js";
import { byId, text } from "../page/page.js";
import { announce } from "../page/toasts.js";

/**
 * Ask for another name until the server takes one, and return it; null if there is none.
 * @param {string} current
 * @param {(name: string) => Promise<unknown>} send - throws a `Refusal` of names that are none
 * @returns {Promise<string | null>}
 */
export async function askName(current, send) {
  const field = byId("new-name");
  field.value = current;
  showProblem("");
  for (;;) {
    field.select();
    if ((await answered(byId("name-dialog"))) !== "yes") return null;
    const name = field.value.trim();
    if (name === current) return null;
    try {
      await send(name);
      return name;
    } catch (error) {
      if (!(error instanceof Refusal)) {
        announce("failed");
        return null;
      }
      showProblem(text("name-refused"));
    }
  }
}

/** @param {string} problem */
function showProblem(problem) {
  byId("name-problem").textContent = problem;
  byId("new-name").toggleAttribute("aria-invalid", Boolean(problem));
}
