// Our own tile in a call of two: it floats in a corner, and is dragged or moved by keys to another one.

import { remember, remembered } from "../page/storage.js";
import { nearestCorner } from "./layout.js";

const CORNERS = ["bottom-end", "bottom-start", "top-start", "top-end"]; // clockwise
const DRAG_FROM = 4; // pixels; less is a click
const isRtl = () => document.dir === "rtl";

export class SelfView {
  #corner = remembered("corner");
  #tile = null;
  #size = null;
  #drag = null; // `{x, y}` of the pointer when it went down

  /** `onMove` is called when the corner is another one, `onHide` when the tile is to be hidden. */
  constructor({ onMove, onHide }) {
    Object.assign(this, { onMove, onHide });
    if (!CORNERS.includes(this.#corner)) this.#corner = CORNERS[0];
  }

  get corner() {
    return this.#corner;
  }

  /** Tell the size of the stage in pixels. */
  setSize(size) {
    this.#size = size;
    for (const button of this.#tile?.element.querySelectorAll(".move, .hide") ?? [])
      button.hidden = !this.#isFloating;
  }

  /** Let the user move and hide this tile while it floats. */
  attach(tile) {
    this.#tile = tile;
    const { element } = tile;
    element.querySelector(".hide").addEventListener("click", () => this.onHide());
    const move = element.querySelector(".move");
    move.addEventListener("click", () => this.#setCorner(following(this.#corner)));
    move.addEventListener("keydown", (event) => this.#onKey(event));
    element.addEventListener("pointerdown", (event) => this.#start(event));
    element.addEventListener("pointermove", (event) => this.#move(event));
    element.addEventListener("pointerup", (event) => this.#end(event));
    element.addEventListener("pointercancel", () => this.#stop());
  }

  get #isFloating() {
    return this.#tile?.role === "floating";
  }

  #setCorner(corner) {
    this.#corner = corner;
    remember("corner", corner);
    this.onMove();
  }

  #onKey(event) {
    const corner = cornerInDirection(this.#corner, event.key);
    if (!corner) return;
    event.preventDefault();
    this.#setCorner(corner);
  }

  // --- dragging ---

  #start(event) {
    if (!this.#isFloating || event.button || event.target.closest(".hide")) return;
    this.#drag = { x: event.clientX, y: event.clientY };
  }

  #move(event) {
    if (!this.#drag) return;
    const [x, y] = this.#distance(event);
    const { element } = this.#tile;
    if (!element.classList.contains("dragged")) {
      if (Math.hypot(x, y) < DRAG_FROM) return;
      element.classList.add("dragged");
      element.setPointerCapture(event.pointerId);
    }
    element.style.setProperty("translate", `${x}px ${y}px`);
  }

  #end(event) {
    if (!this.#drag) return;
    const isDragged = this.#tile.element.classList.contains("dragged");
    const [x, y] = this.#distance(event);
    this.#stop();
    if (!isDragged) return;
    const { element } = this.#tile;
    const box = {
      y: element.offsetTop + y,
      width: element.offsetWidth,
      height: element.offsetHeight,
    };
    const left = element.offsetLeft + x;
    box.x = isRtl() ? this.#size.width - left - box.width : left;
    this.#setCorner(nearestCorner(box, this.#size));
  }

  #stop() {
    this.#drag = null;
    this.#tile.element.classList.remove("dragged");
    this.#tile.element.style.removeProperty("translate");
  }

  #distance({ clientX, clientY }) {
    return [clientX - this.#drag.x, clientY - this.#drag.y];
  }
}

const following = (corner) => CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length];

/** Return the corner to which an arrow key leads, or null for other keys. */
function cornerInDirection(corner, key) {
  const [block, inline] = corner.split("-");
  const toStart = isRtl() ? "ArrowRight" : "ArrowLeft";
  const toEnd = isRtl() ? "ArrowLeft" : "ArrowRight";
  const found = {
    ArrowUp: `top-${inline}`,
    ArrowDown: `bottom-${inline}`,
    [toStart]: `${block}-start`,
    [toEnd]: `${block}-end`,
  };
  return found[key] ?? null;
}
