// Where each tile and the shared screen are on the stage. Computes only, so that tests need no browser.

const GAP = 8; // pixels between tiles
const WIDE = 16 / 9;
const SQUARE = 1; // the highest shape of a tile in a narrow window
const MIN_TILE = { width: 100, height: 80 }; // pixels; rather than smaller tiles there are pages
const MOST_PER_PAGE = 49;
const NARROW = 480; // pixels; a stage below that may have tiles up to square
const STRIP = { share: 0.18, least: 104, most: 224 }; // width of a tile beside the large one
const LEAST_MAIN = { width: 200, height: 110 }; // pixels; a strip that leaves less is not shown
const SCREEN_HEAD = 48; // pixels, for the caption and the buttons of a screen
const SELF = { share: 0.22, least: 112, most: 256, mostHeight: 0.45, tallest: 3 / 4 };
const CAPTION = 36; // pixels, so that the floating tile does not cover the name of the large one

/**
 * @typedef {object} View
 * @property {number} width - of the stage, in pixels
 * @property {number} height
 * @property {string[]} sessions - all people in their order
 * @property {string | null} own - our session
 * @property {"grid" | "speaker"} mode
 * @property {string | null} pinned - a session
 * @property {string | null} speaker - a session
 * @property {boolean} hasScreen - whether the large place shows a screen
 * @property {number} page - counts from 0
 * @property {Corner} corner - where our own floating tile is
 * @property {number} ownShape - the width by height of our picture
 * @property {boolean} showsOwn - whether we see ourselves
 *
 * @typedef {object} Pages
 * @property {Map<string, TileBox>} boxes - by session; who has none is not shown
 * @property {number} page
 * @property {number} pages - how many there are
 *
 * @typedef {Pages & { kind: "grid" | "two" | "large", screen: Box | null }} Layout
 *
 * @typedef {{ columns: number, tile: Size }} Columns the tiles of a page
 * @typedef {Columns & { area: Box, size: number }} Strip `size` is how many tiles it has on a page
 */

/**
 * Return where everything is.
 *
 * @param {View} stage
 * @returns {Layout}
 */
export function arrange(stage) {
  const shown = stage.sessions.filter((session) => stage.showsOwn || session !== stage.own);
  const view = { ...stage, sessions: shown.length ? shown : stage.sessions };
  if (view.hasScreen) return besideScreen(view);
  const large = largeSession(view);
  const others = view.sessions.filter((session) => session !== large);
  if (!large) return grid(view);
  if (!others.length || (others.length === 1 && others[0] === view.own)) return two(view, large);
  return besidePerson(view, large, others);
}

/**
 * Return who is large, or null if nobody is larger than the others.
 *
 * @param {View} view
 */
function largeSession({ sessions, own, mode, pinned, speaker }) {
  const others = sessions.filter((session) => session !== own);
  if (others.length <= 1 && sessions.length <= 2) return others[0] ?? null;
  if (pinned !== null && sessions.includes(pinned)) return pinned;
  if (mode === "grid") return null;
  return speaker !== null && others.includes(speaker) ? speaker : others[0];
}

// --- two people ---

/** @type {(view: View, large: string) => Layout} */
function two(view, large) {
  const { width, height, own, sessions } = view;
  /** @type {Pages["boxes"]} */
  const boxes = new Map([[large, { x: 0, y: 0, width, height, role: "large" }]]);
  if (own !== null && sessions.includes(own) && large !== own)
    boxes.set(own, { ...floatingBox(view), role: "floating" });
  return { kind: "two", boxes, screen: null, page: 0, pages: 1 };
}

/**
 * Return the box of our own tile in a corner of the stage.
 *
 * @param {Pick<View, "width" | "height" | "corner" | "ownShape">} view
 * @returns {Box}
 */
export function floatingBox({ width, height, corner, ownShape }) {
  const ratio = clamp(ownShape, { least: SELF.tallest, most: WIDE });
  const most = Math.min(clamp(width * SELF.share, SELF), height * SELF.mostHeight * ratio);
  const box = { width: Math.round(most), height: Math.round(most / ratio) };
  const [block, inline] = corner.split("-");
  const x = inline === "start" ? GAP : width - box.width - GAP;
  const y = block === "top" ? GAP : height - box.height - CAPTION;
  return { x, y, ...box };
}

/**
 * Return the corner that is next to a box.
 *
 * @type {(box: Box, stage: Size) => Corner}
 */
export function nearestCorner(box, { width, height }) {
  const below = height - box.height - CAPTION;
  const block = box.y - GAP < below - box.y ? "top" : "bottom";
  const inline = box.x + box.width / 2 < width / 2 ? "start" : "end";
  return `${block}-${inline}`;
}

// --- all of one size ---

/** @type {(view: View) => Layout} */
function grid({ width, height, sessions, page }) {
  const area = { x: 0, y: 0, width, height };
  const size = Math.min(sessions.length, capacity(area), MOST_PER_PAGE);
  const isAlone = sessions.length === 1;
  const shape = bestShape(area, size, width < NARROW && !isAlone ? SQUARE : WIDE);
  return { kind: "grid", screen: null, ...paged(area, sessions, { size, page, ...shape }) };
}

/**
 * Return how many tiles of the least size fit.
 *
 * @param {Size} area
 */
function capacity({ width, height }) {
  const { width: leastWidth, height: leastHeight } = leastTile(width);
  return Math.max(1, fitting(width, leastWidth)) * Math.max(1, fitting(height, leastHeight));
}

/** @type {(width: number) => Size} */
const leastTile = (width) =>
  width < NARROW
    ? MIN_TILE
    : { width: Math.round(MIN_TILE.height * WIDE), height: MIN_TILE.height };

/**
 * Return the columns, and the size of tiles, that show so many people largest.
 *
 * @type {(area: Size, count: number, tallest: number) => Columns}
 */
function bestShape({ width, height }, count, tallest) {
  let best = { columns: 1, tile: { width: 0, height: 0 } };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const tile = inCell(
      (width - (columns - 1) * GAP) / columns,
      (height - (rows - 1) * GAP) / rows,
      tallest,
    );
    if (tile.width * tile.height > best.tile.width * best.tile.height) best = { columns, tile };
  }
  return best;
}

/**
 * Return the largest tile in a cell; its shape is between `tallest` and 16:9.
 *
 * @type {(width: number, height: number, tallest: number) => Size}
 */
function inCell(width, height, tallest) {
  const ratio = Math.min(Math.max(width / height, tallest), WIDE);
  const tileWidth = Math.floor(Math.min(width, height * ratio));
  return { width: Math.max(tileWidth, 0), height: Math.max(Math.floor(tileWidth / ratio), 0) };
}

/**
 * Return the boxes of one page of tiles that are all of one size, in the middle of an area.
 *
 * @param {Box} area
 * @param {string[]} sessions
 * @param {Columns & { size: number, page: number, role?: TileBox["role"] }} options
 * @returns {Pages}
 */
function paged(area, sessions, { size, page, columns, tile, role = "tile" }) {
  if (!size) return { boxes: new Map(), page: 0, pages: 1 };
  const pages = Math.ceil(sessions.length / size);
  const current = Math.min(page, pages - 1);
  const shown = sessions.slice(current * size, (current + 1) * size);
  // All pages have their tiles at the same places, so that nothing jumps when pages turn.
  const rows = Math.ceil(size / columns);
  const top = area.y + (area.height - extent(rows, tile.height)) / 2;
  /** @type {Pages["boxes"]} */
  const boxes = new Map();
  shown.forEach((session, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, shown.length - row * columns);
    const start = area.x + (area.width - extent(inRow, tile.width)) / 2;
    boxes.set(session, {
      x: Math.round(start + (index % columns) * (tile.width + GAP)),
      y: Math.round(top + row * (tile.height + GAP)),
      ...tile,
      role,
    });
  });
  return { boxes, page: current, pages };
}

// --- one large, the others in a strip ---

/** @type {(view: View) => Layout} */
function besideScreen(view) {
  const { main, strip } = split(view, view.sessions.length, SCREEN_HEAD);
  return { kind: "large", screen: main, ...stripBoxes(strip, view.sessions, view.page) };
}

/** @type {(view: View, large: string, others: string[]) => Layout} */
function besidePerson(view, large, others) {
  const { main, strip } = split(view, others.length, 0);
  const { boxes, ...pages } = stripBoxes(strip, others, view.page);
  boxes.set(large, { ...main, role: "large" });
  return { kind: "large", screen: null, boxes, ...pages };
}

/** @type {(strip: Strip | null, sessions: string[], page: number) => Pages} */
const stripBoxes = (strip, sessions, page) =>
  strip
    ? paged(strip.area, sessions, { ...strip, page, role: "strip" })
    : { boxes: new Map(), page: 0, pages: 1 };

/**
 * Divide the stage between a large place and a strip for `count` tiles.
 *
 * The strip is beside the large place in a wide window and below it in a high one. It takes what a
 * picture of 16:9 leaves, at least one row of tiles. `head` is what the large place has above the picture.
 *
 * @type {(stage: Size, count: number, head: number) => { main: Box, strip: Strip | null }}
 */
function split({ width, height }, count, head) {
  const tileWidth = Math.round(clamp(width * STRIP.share, STRIP));
  const tile = {
    width: tileWidth,
    height: Math.max(Math.round(tileWidth / WIDE), MIN_TILE.height),
  };
  const isBeside = width > height * 1.2;
  const [along, across] = isBeside
    ? [fitting(height, tile.height), fitting(width - (height - head) * WIDE - GAP, tile.width)]
    : [fitting(width, tile.width), fitting(height - width / WIDE - head - GAP, tile.height)];
  const lines = Math.max(1, Math.min(across, Math.ceil(count / Math.max(along, 1))));
  const thickness = extent(lines, isBeside ? tile.width : tile.height);
  const main = isBeside
    ? { x: 0, y: 0, width: width - thickness - GAP, height }
    : { x: 0, y: 0, width, height: height - thickness - GAP };
  if (!along || main.width < LEAST_MAIN.width || main.height < LEAST_MAIN.height)
    return { main: { x: 0, y: 0, width, height }, strip: null };
  const area = isBeside
    ? { x: main.width + GAP, y: 0, width: thickness, height }
    : { x: 0, y: main.height + GAP, width, height: thickness };
  const columns = isBeside ? lines : Math.min(along, count);
  return { main, strip: { area, tile, columns, size: Math.min(count, along * lines) } };
}

// --- arithmetic ---

/** @type {(count: number, size: number) => number} */
const extent = (count, size) => count * size + (count - 1) * GAP;

/**
 * Return how many pieces of a size, with gaps between, fit into a length.
 *
 * @type {(length: number, size: number) => number}
 */
const fitting = (length, size) => Math.max(0, Math.floor((length + GAP) / (size + GAP)));

/** @type {(value: number, bounds: { least: number, most: number }) => number} */
const clamp = (value, { least, most }) => Math.min(Math.max(value, least), most);
