// The toolbar by keyboard: one stop for Tab, and arrows between its buttons.

import { byId } from "../page/page.js";

export function setUpToolbar() {
  const toolbar = byId("toolbar");
  const update = () => updateStops(buttonsOf(toolbar));
  toolbar.addEventListener("keydown", (event) => move(event, buttonsOf(toolbar)));
  toolbar.addEventListener("focusin", ({ target }) => {
    const buttons = buttonsOf(toolbar);
    const focused = /** @type {HTMLButtonElement} */ (target);
    if (buttons.includes(focused)) setStop(buttons, focused);
  });
  toolbar.addEventListener("pointerover", ({ target }) =>
    showShortcut(/** @type {Element} */ (target).closest("button")),
  );
  // Buttons come and go: with the size of the window, and with what one may do.
  new ResizeObserver(update).observe(toolbar);
  const attributes = { attributeFilter: ["hidden", "disabled"], subtree: true, childList: true };
  new MutationObserver(update).observe(toolbar, attributes);
}

/**
 * Return the buttons that can be pressed; those in menus have arrows of their own.
 *
 * @param {HTMLElement} toolbar
 */
function buttonsOf(toolbar) {
  return [...toolbar.querySelectorAll("button")].filter(
    (button) => !button.disabled && !button.closest("[role=menu], dialog") && isShown(button),
  );
}

/** @param {HTMLElement} button */
const isShown = (button) => button.getClientRects().length > 0;

/** @param {HTMLElement[]} buttons */
function updateStops(buttons) {
  const stops = buttons.filter(({ tabIndex }) => tabIndex === 0);
  if (stops.length !== 1 && buttons.length) setStop(buttons, stops[0] ?? buttons[0]);
}

/** @type {(buttons: HTMLElement[], stop: HTMLElement) => void} */
function setStop(buttons, stop) {
  for (const button of buttons) button.tabIndex = button === stop ? 0 : -1;
}

/** @type {(event: KeyboardEvent, buttons: HTMLElement[]) => void} */
function move(event, buttons) {
  const index = buttons.indexOf(/** @type {HTMLElement} */ (event.target));
  if (index < 0) return;
  const next = nextIndex(event.key, index, buttons.length, document.dir === "rtl");
  if (next === null) return;
  event.preventDefault();
  buttons[next].focus();
}

/**
 * Return the number of the button to which a key leads, or null for other keys.
 *
 * @type {(key: string, index: number, count: number, isFromRight: boolean) => number | null}
 */
export function nextIndex(key, index, count, isFromRight) {
  const step = isFromRight ? -1 : 1;
  switch (key) {
    case "ArrowRight":
      return (index + step + count) % count;
    case "ArrowLeft":
      return (index - step + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}

/**
 * Name the shortcut in the tooltip; screen readers have it from the attribute.
 *
 * @param {HTMLElement | null} button
 */
function showShortcut(button) {
  const shortcut = button?.getAttribute("aria-keyshortcuts");
  if (button && shortcut)
    button.title = `${button.querySelector(".label").textContent} (${shortcut})`;
}
