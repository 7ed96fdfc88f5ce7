// Our own tile in a call of two: it floats in a corner, and is dragged or moved by keys to another one.

import { remember, remembered } from "../page/storage.js";
import { nearestCorner } from "./layout.js";

/** @import { Tile } from "./tile.js" */

/** @type {Corner[]} */
const CORNERS = ["bottom-end", "bottom-start", "top-start", "top-end"]; // clockwise
const DRAG_FROM = 4; // pixels; less is a click
const isRtl = () => document.dir === "rtl";

export class SelfView {
  /** @type {Corner} */
  #corner = remembered("corner");
  /** @type {Tile | null} */
  #tile = null;
  #size = { width: 0, height: 0 };
  /** @type {Point | null} */
  #drag = null; // where the pointer went down

  /**
   * `onMove` is called when the corner is another one, `onHide` when the tile is to be hidden.
   *
   * @param {{ onMove: () => void, onHide: () => void }} options
   */
  constructor({ onMove, onHide }) {
    this.onMove = onMove;
    this.onHide = onHide;
    if (!CORNERS.includes(this.#corner)) this.#corner = CORNERS[0];
  }

  get corner() {
    return this.#corner;
  }

  /**
   * Tell the size of the stage in pixels.
   *
   * @param {Size} size
   */
  setSize(size) {
    this.#size = size;
    for (const button of this.#tile?.element.querySelectorAll(".move, .hide") ?? [])
      button.hidden = !this.#isFloating;
  }

  /**
   * Let the user move and hide this tile while it floats.
   *
   * @param {Tile} tile
   */
  attach(tile) {
    this.#tile = tile;
    const { element } = tile;
    element.querySelector(".hide").addEventListener("click", () => this.onHide());
    const move = element.querySelector(".move");
    move.addEventListener("click", () => this.#setCorner(following(this.#corner)));
    move.addEventListener("keydown", (event) => this.#onKey(event));
    element.addEventListener("pointerdown", (event) => this.#start(event, element));
    element.addEventListener("pointermove", (event) => this.#move(event, element));
    element.addEventListener("pointerup", (event) => this.#end(event, element));
    element.addEventListener("pointercancel", () => this.#stop(element));
  }

  get #isFloating() {
    return this.#tile?.role === "floating";
  }

  /** @param {Corner} corner */
  #setCorner(corner) {
    this.#corner = corner;
    remember("corner", corner);
    this.onMove();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const corner = cornerInDirection(this.#corner, event.key);
    if (!corner) return;
    event.preventDefault();
    this.#setCorner(corner);
  }

  // --- dragging ---

  /** @type {(event: PointerEvent, element: HTMLElement) => void} */
  #start(event, element) {
    const target = /** @type {Element} */ (event.target);
    if (!this.#isFloating || event.button || target.closest("button")) return;
    this.#drag = { x: event.clientX, y: event.clientY };
    // A quick pointer is outside of the tile at its first move.
    element.setPointerCapture(event.pointerId);
  }

  /** @type {(event: PointerEvent, element: HTMLElement) => void} */
  #move(event, element) {
    if (!this.#drag) return;
    const [x, y] = distance(this.#drag, event);
    if (!element.classList.contains("dragged") && Math.hypot(x, y) < DRAG_FROM) return;
    element.classList.add("dragged");
    element.style.setProperty("translate", `${x}px ${y}px`);
  }

  /** @type {(event: PointerEvent, element: HTMLElement) => void} */
  #end(event, element) {
    if (!this.#drag) return;
    const isDragged = element.classList.contains("dragged");
    const [x, y] = distance(this.#drag, event);
    this.#stop(element);
    if (!isDragged) return;
    const { offsetWidth: width, offsetHeight: height } = element;
    const left = element.offsetLeft + x;
    const box = {
      x: isRtl() ? this.#size.width - left - width : left,
      y: element.offsetTop + y,
      width,
      height,
    };
    this.#setCorner(nearestCorner(box, this.#size));
  }

  /** @param {HTMLElement} element */
  #stop(element) {
    this.#drag = null;
    element.classList.remove("dragged");
    element.style.removeProperty("translate");
  }
}

/** @type {(from: Point, pointer: PointerEvent) => [number, number]} */
const distance = (from, { clientX, clientY }) => [clientX - from.x, clientY - from.y];

/** @param {Corner} corner */
const following = (corner) => CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length];

/**
 * Return the corner to which an arrow key leads, or null for other keys.
 *
 * @type {(corner: Corner, key: string) => Corner | null}
 */
function cornerInDirection(corner, key) {
  const [block, inline] = /** @type {["top" | "bottom", "start" | "end"]} */ (corner.split("-"));
  const toStart = isRtl() ? "ArrowRight" : "ArrowLeft";
  const toEnd = isRtl() ? "ArrowLeft" : "ArrowRight";
  /** @type {Record<string, Corner>} */
  const found = {
    ArrowUp: `top-${inline}`,
    ArrowDown: `bottom-${inline}`,
    [toStart]: `${block}-start`,
    [toEnd]: `${block}-end`,
  };
  return found[key] ?? null;
}
