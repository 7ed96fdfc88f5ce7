// A button that opens a menu of actions and choices, by the pattern "menu button" of WAI-ARIA.

import { instance } from "./page.js";
import { placement } from "./placement.js";

/**
 * @typedef {object} MenuItem
 * @property {string} label
 * @property {string} [name] - what the label means, if that is a picture
 * @property {() => void} onSelect
 * @property {boolean} [isChecked] - makes the item one of several choices, or of two with `isSwitch`
 * @property {boolean} [isSwitch] - a choice that is on or off by itself
 * @property {string} [icon] - the name of a symbol in icons.html, without "icon-"
 * @property {boolean} [isDisabled] - it can be read, and not selected
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
  /** @type {HTMLElement | null} */
  #element = null; // null while it is closed
  /** @type {HTMLElement} */
  #anchor; // where it opens, and what gets the focus back

  /**
   * Make a button open a menu, which is shown beside it. A button that is not shown may be pressed by
   * another one, beside which the menu is then.
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
    this.#anchor = this.#button.checkVisibility() ? this.#button : focused();
    const element = instance("menu-template");
    this.#element = element;
    element.setAttribute("aria-label", nameOf(this.#button));
    element.addEventListener("keydown", (event) => this.#onKey(event));
    element.addEventListener("focusout", ({ relatedTarget }) => {
      // Closing moves the focus, too.
      if (relatedTarget && this.isOpen) this.closeUnlessIn(relatedTarget);
    });
    // Not beside the button, whose surroundings have styles and keys of their own.
    (this.#button.closest("dialog, section") ?? document.body).append(element);
    this.#button.setAttribute("aria-expanded", "true");
    this.#fill(element);
    const checked = this.#items.find((item) => item.getAttribute("aria-checked") === "true");
    this.#focus(atEnd ? this.#items.at(-1) : (checked ?? this.#items[0]));
  }

  /** Close the menu; the focus goes back to the button if it was in the menu. */
  close() {
    const element = this.#element;
    if (!element) return;
    opened = null;
    this.#element = null;
    this.#button.setAttribute("aria-expanded", "false");
    if (element.contains(document.activeElement)) this.#anchor.focus();
    element.remove();
  }

  /** @param {EventTarget | null} target */
  closeUnlessIn(target) {
    const node = /** @type {Node | null} */ (target);
    if (!this.#element?.contains(node) && !this.#button.contains(node)) this.close();
  }

  /** Show what the menu offers now, if it is open. */
  refresh() {
    if (!this.#element) return;
    const index = this.#items.indexOf(focused());
    this.#fill(this.#element);
    if (index >= 0) this.#focus(this.#items[Math.min(index, this.#items.length - 1)]);
  }

  /** @returns {HTMLElement[]} */
  get #items() {
    return [...(this.#element?.querySelectorAll("button") ?? [])];
  }

  /** @param {HTMLElement} element */
  #fill(element) {
    const groups = this.#groups().filter(({ items, extra }) => items.length || extra);
    element.replaceChildren(...groups.map((group) => this.#groupElement(group)));
    this.#place(element);
  }

  /** @param {MenuGroup} group */
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

  /** @param {MenuItem} item */
  #itemElement({
    label,
    name,
    onSelect,
    isChecked,
    isSwitch,
    icon,
    isDisabled = false,
    staysOpen,
  }) {
    const element = instance("menu-item-template");
    if (isChecked !== undefined) {
      element.setAttribute("role", isSwitch ? "menuitemcheckbox" : "menuitemradio");
      element.setAttribute("aria-checked", String(isChecked));
    }
    const shown = isChecked ? "check" : icon;
    if (shown) element.querySelector("use").setAttribute("href", `#icon-${shown}`);
    element.querySelector(".label").textContent = label;
    if (name) {
      element.setAttribute("aria-label", name);
      element.title = name;
    }
    if (isDisabled) element.setAttribute("aria-disabled", "true");
    element.addEventListener("click", () => {
      if (isDisabled) return;
      if (!staysOpen) this.close();
      onSelect();
      if (staysOpen) this.refresh();
    });
    return element;
  }

  /** @param {HTMLElement} element */
  #place(element) {
    const { style } = element;
    style.removeProperty("max-height");
    const { width, height } = element.getBoundingClientRect();
    const place = placement(
      this.#anchor.getBoundingClientRect(),
      { width, height },
      { width: document.documentElement.clientWidth, height: innerHeight },
      { isRtl: document.dir === "rtl" },
    );
    style.setProperty("left", `${place.left}px`);
    style.setProperty("top", `${place.top}px`);
    style.setProperty("max-height", `${place.maxHeight}px`);
  }

  /** @param {HTMLElement | undefined} item */
  #focus(item) {
    for (const each of this.#items) each.tabIndex = each === item ? 0 : -1;
    item?.focus();
  }

  /** @param {KeyboardEvent} event */
  #onButtonKey(event) {
    if (this.isOpen || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    this.open({ atEnd: event.key === "ArrowUp" });
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    event.stopPropagation(); // shortcuts of the page are not meant
    const items = this.#items;
    const index = items.indexOf(focused());
    const forward = document.dir === "rtl" ? -1 : 1;
    /** @type {Record<string, HTMLElement | undefined>} */
    const targets = {
      ArrowDown: items[(index + 1) % items.length],
      ArrowUp: items.at(index - 1),
      ArrowRight: items.at((index + forward) % items.length),
      ArrowLeft: items.at((index - forward) % items.length),
      Home: items[0],
      End: items.at(-1),
    };
    const target = targets[event.key];
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

const focused = () => /** @type {HTMLElement} */ (document.activeElement);

/** @param {HTMLElement} button */
const nameOf = (button) => button.getAttribute("aria-label") ?? button.textContent.trim();
