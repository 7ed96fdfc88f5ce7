// Where a menu opens.

const MARGIN = 8; // pixels between a menu and its button, and the window's edges

/**
 * Return the position of a menu in the window, in pixels.
 *
 * It opens below its button, or above if there is more room; if it fits on neither side, it
 * takes the height of the window, and scrolls.
 * @param {{left: number, right: number, top: number, bottom: number}} button
 * @param {{width: number, height: number}} menu - as large as it would like to be
 * @param {{width: number, height: number}} view - the window
 * @param {{isRtl?: boolean}} [options]
 * @returns {{left: number, top: number, maxHeight: number}}
 */
export function placement(button, menu, view, { isRtl = false } = {}) {
  const start = isRtl ? button.right - menu.width : button.left;
  const left = Math.max(MARGIN, Math.min(start, view.width - menu.width - MARGIN));
  const below = view.height - button.bottom - 2 * MARGIN;
  const above = button.top - 2 * MARGIN;
  if (menu.height <= below) return { left, top: button.bottom + MARGIN, maxHeight: below };
  if (menu.height <= above) {
    return { left, top: button.top - MARGIN - menu.height, maxHeight: above };
  }
  const maxHeight = view.height - 2 * MARGIN;
  return { left, top: Math.max(MARGIN, view.height - MARGIN - menu.height), maxHeight };
}
