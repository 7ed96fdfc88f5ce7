// The pin buttons of tiles: one stop for the Tab key, and arrow keys from one to the next.

const FORWARD = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
const BACK = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
/** @type {Record<string, number>} */
const STEPS = { [FORWARD]: 1, ArrowDown: 1, [BACK]: -1, ArrowUp: -1 };

/**
 * Make the pin buttons in an element work; `onPin` gets the session of the tile.
 *
 * @type {(grid: HTMLElement, onPin: (session: string) => void) => void}
 */
export function setUpPins(grid, onPin) {
  grid.addEventListener("click", ({ target }) => {
    const pin = /** @type {Element} */ (target).closest(".pin");
    const session = pin?.closest(".tile")?.dataset.session;
    if (session) onPin(session);
  });
  grid.addEventListener("keydown", (event) => {
    const pin = /** @type {HTMLElement} */ (event.target);
    if (!pin.matches(".pin")) return;
    const pins = shownPins(grid);
    const next = indexFor(event.key, pins.indexOf(pin), pins.length);
    if (next === null) return;
    event.preventDefault();
    pins[next].focus();
  });
  // The Tab key comes back to where it left, or to the first pin if that is not shown any more.
  grid.addEventListener("focusin", ({ target }) => {
    const focused = /** @type {HTMLElement} */ (target);
    if (focused.matches(".pin")) setStop(grid, focused);
  });
}

/**
 * Let exactly one of the pins that are shown be a stop for the Tab key.
 *
 * @param {HTMLElement} grid
 */
export function updatePins(grid) {
  const pins = shownPins(grid);
  if (pins.length && !pins.some((pin) => pin.tabIndex === 0)) setStop(grid, pins[0]);
}

/** @type {(grid: HTMLElement, stop: HTMLElement) => void} */
function setStop(grid, stop) {
  for (const pin of grid.querySelectorAll(".pin")) {
    const tabIndex = pin === stop ? 0 : -1;
    if (pin.tabIndex !== tabIndex) pin.tabIndex = tabIndex;
  }
}

/** @param {HTMLElement} grid */
const shownPins = (grid) => [...grid.querySelectorAll(".tile:not([hidden]) .pin:not([hidden])")];

/** @type {(key: string, index: number, count: number) => number | null} */
function indexFor(key, index, count) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (!(key in STEPS)) return null;
  return (index + STEPS[key] + count) % count;
}
