// The buttons to other pages of tiles, where not everybody fits on the stage.

import { byId, text } from "../page/page.js";

export class Pager {
  #page = 0;

  /**
   * `onTurn` gets the number of the page to show, from 0.
   *
   * @param {{ onTurn: (page: number) => void }} options
   */
  constructor({ onTurn }) {
    byId("page-back").addEventListener("click", () => onTurn(this.#page - 1));
    byId("page-next").addEventListener("click", () => onTurn(this.#page + 1));
  }

  /** @type {(page: number, pages: number) => void} */
  show(page, pages) {
    this.#page = page;
    byId("pages").hidden = pages < 2;
    // Not `disabled`, which would take the focus away on the last page.
    byId("page-back").setAttribute("aria-disabled", String(page === 0));
    byId("page-next").setAttribute("aria-disabled", String(page >= pages - 1));
    byId("page-number").textContent = text("page-of", { number: page + 1, count: pages });
  }
}
