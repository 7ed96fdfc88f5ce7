// Banning somebody: the question with its notes, and the list in which moderators lift bans.

import { Refusal } from "../api/api.js";
import { answered } from "../page/dialogs.js";
import { byId, instance, text } from "../page/page.js";
import { removeFromList } from "../people/focus.js";

/** @import { Api } from "../api/api.js" */

const FORBIDDEN = 403;
const GONE = 404;

/**
 * The texts for what the server says about a ban that it refuses.
 *
 * @type {Record<string, string>}
 */
const PROBLEMS = { moderator: "ban-moderator", limit: "ban-limit", managed: "ban-managed" };

/**
 * Ask whether to ban somebody; return the notes, or null if the answer is no.
 *
 * @param {string | undefined} name
 * @returns {Promise<{ shownNote: string, internalNote: string } | null>}
 */
export async function askForBan(name) {
  byId("ban-question").textContent = text("ban-question", { name });
  byId("ban-verb").textContent = text("ban-verb", { name });
  byId("ban-shown").value = byId("ban-internal").value = "";
  if ((await answered(byId("ban"))) !== "yes") return null;
  return { shownNote: byId("ban-shown").value, internalNote: byId("ban-internal").value };
}

/**
 * Return the key of the text about an error: what is wrong, or that something is.
 *
 * @param {unknown} error
 */
export function problemOf(error) {
  if (!(error instanceof Refusal)) return "failed";
  const known = PROBLEMS[error.code ?? ""];
  return known ?? (error.status === FORBIDDEN ? "not-allowed" : "failed");
}

export class BanList {
  /** @param {{ api: Pick<Api, "bans" | "liftBan"> }} options */
  constructor({ api }) {
    this.api = api;
  }

  /** Show who is banned now, until the list is closed. */
  async open() {
    const bans = await this.api.bans();
    byId("bans-problem").textContent = "";
    byId("bans-list").replaceChildren(...bans.map((ban) => this.#item(ban)));
    this.#tellIfNone();
    await answered(byId("bans"));
  }

  /** @param {Ban} ban */
  #item(ban) {
    const item = instance("ban-template");
    const name = ban.bannedDisplayName || text("guest");
    item.querySelector(".name").textContent = name;
    item.querySelector(".state").textContent = ban.internalNote;
    const button = item.querySelector(".lift");
    button.ariaLabel = text("lift-ban", { name });
    button.addEventListener("click", () => this.#lift(ban, item, button));
    return item;
  }

  /**
   * Lift a ban; one that is gone is lifted already.
   *
   * @type {(ban: Ban, item: HTMLElement, button: HTMLElement) => Promise<void>}
   */
  async #lift(ban, item, button) {
    byId("bans-problem").textContent = "";
    button.toggleAttribute("disabled", true);
    try {
      await this.api.liftBan(ban.id);
    } catch (error) {
      if (!(error instanceof Refusal && error.status === GONE)) {
        button.toggleAttribute("disabled", false);
        byId("bans-problem").textContent = text(problemOf(error));
        return;
      }
    }
    removeFromList(item, ".lift", byId("bans-heading"));
    this.#tellIfNone();
  }

  #tellIfNone() {
    byId("bans-none").hidden = byId("bans-list").childElementCount > 0;
  }
}
