// The pin buttons of tiles: one stop for the Tab key, and arrow keys from one to the next.

const FORWARD = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
const BACK = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
const STEPS = { [FORWARD]: 1, ArrowDown: 1, [BACK]: -1, ArrowUp: -1 };

/** Make the pin buttons in an element work; `onPin` gets the session of the tile. */
export function setUpPins(grid, onPin) {
  grid.addEventListener("click", ({ target }) => {
    const pin = target.closest(".pin");
    if (pin) onPin(pin.closest(".tile").dataset.session);
  });
  grid.addEventListener("keydown", (event) => {
    if (!event.target.matches(".pin")) return;
    const pins = shownPins(grid);
    const next = target(event.key, pins.indexOf(event.target), pins.length);
    if (next === null) return;
    event.preventDefault();
    pins[next].focus();
  });
  // The Tab key comes back to where it left, or to the first pin if that is not shown any more.
  grid.addEventListener("focusin", ({ target: focused }) => {
    if (focused.matches(".pin")) setStop(grid, focused);
  });
}

/** Let exactly one of the pins that are shown be a stop for the Tab key. */
export function updatePins(grid) {
  const pins = shownPins(grid);
  if (pins.length && !pins.some((pin) => pin.tabIndex === 0)) setStop(grid, pins[0]);
}

function setStop(grid, stop) {
  for (const pin of grid.querySelectorAll(".pin")) {
    const tabIndex = pin === stop ? 0 : -1;
    if (pin.tabIndex !== tabIndex) pin.tabIndex = tabIndex;
  }
}

const shownPins = (grid) => [...grid.querySelectorAll(".tile:not([hidden]) .pin:not([hidden])")];

function target(key, index, count) {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  if (!(key in STEPS)) return null;
  return (index + STEPS[key] + count) % count;
}
