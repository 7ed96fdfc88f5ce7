// Which part of a screen is seen: arithmetic of zooming and moving.

export const WHOLE = { scale: 1, x: 0, y: 0 };
const MOST = 8;

/**
 * A view has a `scale`, and `x` and `y`: by how many pixels the middle of the picture is off the
 * middle of its frame.
 * @typedef {Point & { scale: number }} View
 */

/**
 * Return a view that is larger by a factor, with the same part of the picture below a point.
 *
 * The point counts from the middle of the frame; `size` is that of the frame.
 *
 * @param {View} view
 * @param {number} factor
 * @param {Size} size
 * @param {Point} [point]
 */
export function zoomed(view, factor, size, point = { x: 0, y: 0 }) {
  const scale = Math.min(Math.max(view.scale * factor, 1), MOST);
  const by = scale / view.scale;
  const x = point.x - (point.x - view.x) * by;
  const y = point.y - (point.y - view.y) * by;
  return within({ scale, x, y }, size);
}

/**
 * Return a view that is moved by so many pixels.
 *
 * @type {(view: View, x: number, y: number, size: Size) => View}
 */
export function moved(view, x, y, size) {
  return within({ ...view, x: view.x + x, y: view.y + y }, size);
}

/**
 * Return a view of which no edge is inside the frame.
 *
 * @type {(view: View, size: Size) => View}
 */
export function within({ scale, x, y }, { width, height }) {
  return {
    scale,
    x: bounded(x, (width * (scale - 1)) / 2),
    y: bounded(y, (height * (scale - 1)) / 2),
  };
}

/** @type {(value: number, most: number) => number} */
const bounded = (value, most) => Math.min(Math.max(value, -most), most);
