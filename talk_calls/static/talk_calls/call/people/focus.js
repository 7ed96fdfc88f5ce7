// Where the focus goes when what has it goes away.

/**
 * Change the page; if that takes the element with the focus away, focus what is in its place.
 *
 * `heirs` returns, after the change, elements in the order in which they are tried.
 * @param {HTMLElement} item - what may go or move, with what is in it
 * @param {() => void} change
 * @param {() => (HTMLElement | null | undefined)[]} heirs
 */
export function keepFocus(item, change, heirs) {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement);
  const hadFocus = item.contains(focused);
  change();
  // What was just hidden is the active element until the browser draws the page.
  if (!hadFocus || (document.activeElement === focused && focused?.checkVisibility())) return;
  [focused, ...heirs()].find((heir) => heir?.checkVisibility())?.focus();
}

/**
 * Remove an item of a list; the focus goes to the same button of its neighbour, or else to `last`.
 *
 * @type {(item: HTMLElement, button: string, last: HTMLElement) => void}
 */
export function removeFromList(item, button, last) {
  const neighbours = [item.nextElementSibling, item.previousElementSibling];
  const heirs = () => [...neighbours.map((each) => each?.querySelector(button)), last];
  keepFocus(item, () => item.remove(), heirs);
}
