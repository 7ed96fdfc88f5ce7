// A button that opens a menu of actions and choices, by the pattern "menu button" of WAI-ARIA.

import { instance } from "./page.js";
import { placement } from "./placement.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {() => void} onSelect
 * @property {boolean} [isChecked] - makes the item one of several choices, or of two with `isSwitch`
 * @property {boolean} [isSwitch] - a choice that is on or off by itself
 * @property {string} [icon] - the name of a symbol in icons.html, without "icon-"
 * @property {boolean} [isDisabled]
 * @property {boolean} [staysOpen] - whether the menu stays open when the item is selected
 *
 * @typedef {object} MenuGroup
 * @property {string} [label] - shown above the items
 * @property {MenuItem[]} items
 * @property {Element} [extra] - shown below the items, for eyes only
 */

/** The menu that is open; there is one at most. @type {Menu | null} */
let opened = null;
let headings = 0;

addEventListener("pointerdown", ({ target }) => opened?.closeUnlessIn(target), true);
addEventListener("resize", () => opened?.close());
// A menu ends with the view in which it was opened.
new MutationObserver(() => opened?.close()).observe(document.body, {
  attributeFilter: ["data-view"],
});

export class Menu {
  #button;
  #groups;
  #element = null; // null while it is closed

  /**
   * Make a button open a menu, which is shown beside the button and comes next to it in the page.
   * @param {HTMLElement} button
   * @param {() => MenuGroup[]} groups - what the menu offers now
   */
  constructor(button, groups) {
    this.#button = button;
    this.#groups = groups;
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => (this.isOpen ? this.close() : this.open()));
    button.addEventListener("keydown", (event) => this.#onButtonKey(event));
  }

  get isOpen() {
    return this.#element !== null;
  }

  /** Open the menu; the focus goes to what is chosen, or to the first or last item. */
  open({ atEnd = false } = {}) {
    opened?.close();
    opened = this;
    this.#element = instance("menu-template");
    this.#element.setAttribute("aria-label", nameOf(this.#button));
    this.#element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget) this.closeUnlessIn(relatedTarget);
    });
    this.#button.after(this.#element);
    this.#button.setAttribute("aria-expanded", "true");
    this.#fill();
    const checked = this.#items.find((item) => item.getAttribute("aria-checked") === "true");
    this.#focus(atEnd ? this.#items.at(-1) : (checked ?? this.#items[0]));
  }

  /** Close the menu; the focus goes back to the button if it was in the menu. */
  close() {
    if (!this.isOpen) return;
    opened = null;
    const element = this.#element;
    this.#element = null;
    this.#button.setAttribute("aria-expanded", "false");
    if (element.contains(document.activeElement)) this.#button.focus();
    element.remove();
  }

  closeUnlessIn(target) {
    if (!this.#element.contains(target) && !this.#button.contains(target)) this.close();
  }

  /** Show what the menu offers now, if it is open. */
  refresh() {
    if (!this.isOpen) return;
    const index = this.#items.indexOf(document.activeElement);
    this.#fill();
    if (index >= 0) this.#focus(this.#items[Math.min(index, this.#items.length - 1)]);
  }

  /** The items that can be selected. @returns {HTMLElement[]} */
  get #items() {
    return [...this.#element.querySelectorAll("button:not(:disabled)")];
  }

  #fill() {
    const groups = this.#groups().filter(({ items, extra }) => items.length || extra);
    this.#element.replaceChildren(...groups.map((group) => this.#groupElement(group)));
    this.#place();
  }

  #groupElement({ label, items, extra }) {
    const element = instance("menu-group-template");
    const heading = element.querySelector(".menu-heading");
    if (label) {
      heading.id = `menu-heading-${++headings}`;
      heading.textContent = label;
      element.setAttribute("aria-labelledby", heading.id);
    } else heading.remove();
    element.append(...items.map((item) => this.#itemElement(item)));
    if (extra) element.append(extra);
    return element;
  }

  #itemElement({ label, onSelect, isChecked, isSwitch, icon, isDisabled = false, staysOpen }) {
    const element = instance("menu-item-template");
    if (isChecked !== undefined) {
      element.setAttribute("role", isSwitch ? "menuitemcheckbox" : "menuitemradio");
      element.setAttribute("aria-checked", isChecked);
    }
    const shown = isChecked ? "check" : icon;
    if (shown) element.querySelector("use").setAttribute("href", `#icon-${shown}`);
    element.querySelector(".label").textContent = label;
    element.disabled = isDisabled;
    element.addEventListener("click", () => {
      if (!staysOpen) this.close();
      onSelect();
      if (staysOpen) this.refresh();
    });
    return element;
  }

  #place() {
    const { style } = this.#element;
    style.removeProperty("max-height");
    const { width, height } = this.#element.getBoundingClientRect();
    const place = placement(
      this.#button.getBoundingClientRect(),
      { width, height },
      { width: document.documentElement.clientWidth, height: innerHeight },
      { isRtl: document.dir === "rtl" },
    );
    style.setProperty("left", `${place.left}px`);
    style.setProperty("top", `${place.top}px`);
    style.setProperty("max-height", `${place.maxHeight}px`);
  }

  #focus(item) {
    for (const each of this.#items) each.tabIndex = each === item ? 0 : -1;
    item?.focus();
  }

  #onButtonKey(event) {
    if (this.isOpen || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    this.open({ atEnd: event.key === "ArrowUp" });
  }

  #onKey(event) {
    // What is around the menu, as a toolbar, may listen to the same keys.
    event.stopPropagation();
    const items = this.#items;
    const index = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const target = {
      ArrowDown: items[(index + 1) % items.length],
      ArrowUp: items.at(index - 1),
      Home: items[0],
      End: items.at(-1),
    }[event.key];
    if (target) {
      event.preventDefault();
      this.#focus(target);
    } else if (event.key === "Escape" || event.key === "Tab") {
      // Tab goes on from the button.
      if (event.key === "Escape") event.preventDefault();
      this.close();
    }
  }
}

const nameOf = (button) => button.getAttribute("aria-label") ?? button.textContent.trim();
