// Zooms and moves a screen by buttons, keys, the wheel, and fingers.

import { moved, within, WHOLE, zoomed } from "./zoom.js";

/** @import { View } from "./zoom.js" */

const STEP = 1.5; // of buttons and keys
const WHEEL = 0.01; // of the logarithm of the scale, for each pixel that a wheel turns
const ARROW = 60; // pixels
/** @type {Record<string, [number, number]>} */
const MOVES = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

export class Zoomable {
  #view = WHOLE;
  /** @type {Map<number, Point>} */
  #pointers = new Map(); // id → where it was last

  /**
   * Make `content` larger inside `frame`; `onChange` gets the scale, which is 1 for the whole.
   *
   * @param {object} options
   * @param {HTMLElement} options.frame
   * @param {HTMLElement} options.content
   * @param {(scale: number) => void} options.onChange
   */
  constructor({ frame, content, onChange }) {
    this.frame = frame;
    this.content = content;
    this.onChange = onChange;
    content.addEventListener("keydown", (event) => this.#onKey(event));
    frame.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    frame.addEventListener("pointerdown", (event) => this.#down(event));
    frame.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"]))
      frame.addEventListener(end, ({ pointerId }) => this.#pointers.delete(pointerId));
    new ResizeObserver(() => this.#set(within(this.#view, this.#size))).observe(frame);
  }

  zoomIn() {
    this.#set(zoomed(this.#view, STEP, this.#size));
  }

  zoomOut() {
    this.#set(zoomed(this.#view, 1 / STEP, this.#size));
  }

  get #size() {
    return { width: this.frame.clientWidth, height: this.frame.clientHeight };
  }

  /** @param {View} view */
  #set(view) {
    this.#view = view;
    const { scale, x, y } = view;
    this.content.style.setProperty("transform", `translate(${x}px, ${y}px) scale(${scale})`);
    this.frame.classList.toggle("zoomed", scale > 1);
    this.onChange(scale);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return; // the browser's own zoom
    const { key } = event;
    if (key === "+" || key === "=") this.zoomIn();
    else if (key === "-") this.zoomOut();
    else if (key === "0") this.#set(WHOLE);
    else if (key in MOVES) {
      const [x, y] = MOVES[key];
      this.#set(moved(this.#view, x * ARROW, y * ARROW, this.#size));
    } else return;
    event.preventDefault();
  }

  /**
   * A wheel with the Ctrl key, which is also what browsers make of two fingers on a touch pad.
   *
   * @param {WheelEvent} event
   */
  #onWheel(event) {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const factor = Math.exp(-event.deltaY * WHEEL);
    this.#set(
      zoomed(this.#view, factor, this.#size, this.#fromMiddle(event.clientX, event.clientY)),
    );
  }

  /** @param {PointerEvent} event */
  #down(event) {
    if (event.button) return;
    this.frame.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  /**
   * One pointer moves the picture, and two that part enlarge it.
   *
   * @param {PointerEvent} event
   */
  #move({ pointerId, clientX, clientY }) {
    const before = this.#pointers.get(pointerId);
    if (!before) return;
    const now = { x: clientX, y: clientY };
    const [other] = [...this.#pointers].filter(([id]) => id !== pointerId).map(([, at]) => at);
    this.#pointers.set(pointerId, now);
    if (!other) {
      this.#set(moved(this.#view, now.x - before.x, now.y - before.y, this.#size));
      return;
    }
    const factor = distance(now, other) / Math.max(distance(before, other), 1);
    const middle = this.#fromMiddle((now.x + other.x) / 2, (now.y + other.y) / 2);
    this.#set(zoomed(this.#view, factor, this.#size, middle));
  }

  /** @type {(x: number, y: number) => Point} */
  #fromMiddle(x, y) {
    const { left, top, width, height } = this.frame.getBoundingClientRect();
    return { x: x - left - width / 2, y: y - top - height / 2 };
  }
}

/** @type {(a: Point, b: Point) => number} */
const distance = (a, b) => Math.hypot(a.x - b.x, a.y - b.y);
