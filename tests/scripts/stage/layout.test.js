// Where tiles and screens are, for windows of all sizes.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  arrange,
  floatingBox,
  nearestCorner,
} from "../../../talk_calls/static/talk_calls/call/stage/layout.js";

const DESKTOP = { width: 1424, height: 740 };
const TABLET = { width: 752, height: 860 };
const PHONE = { width: 344, height: 480 };
const LANDSCAPE = { width: 624, height: 210 };
const ZOOMED = { width: 304, height: 110 }; // 400 % of a window of 1280 × 1024
const SIZES = { DESKTOP, TABLET, PHONE, LANDSCAPE, ZOOMED };

const people = (count) => ["own", ...Array.from({ length: count - 1 }, (_, index) => `p${index}`)];

const stage = (size, count, changes = {}) =>
  arrange({
    ...size,
    sessions: people(count),
    own: "own",
    mode: "grid",
    pinned: null,
    speaker: null,
    hasScreen: false,
    page: 0,
    corner: "bottom-end",
    ownShape: 16 / 9,
    showsOwn: true,
    ...changes,
  });

const overlap = (a, b) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Check that all boxes are on the stage, and that none covers another. */
function assertTidy({ boxes, screen }, { width, height }) {
  const all = [...boxes.values(), ...(screen ? [screen] : [])];
  for (const box of all) {
    assert.ok(box.width > 0 && box.height > 0, JSON.stringify(box));
    assert.ok(box.x >= 0 && box.x + box.width <= width, JSON.stringify(box));
    assert.ok(box.y >= 0 && box.y + box.height <= height, JSON.stringify(box));
    for (const other of all) assert.ok(other === box || !overlap(box, other), JSON.stringify(box));
  }
}

for (const [name, size] of Object.entries(SIZES)) {
  test(`nothing overlaps or sticks out: ${name}`, () => {
    for (const count of [1, 3, 5, 12, 25, 80])
      for (const mode of ["grid", "speaker"])
        for (const hasScreen of [false, true])
          assertTidy(stage(size, count, { mode, hasScreen }), size);
  });

  test(`everybody is on some page: ${name}`, () => {
    for (const count of [3, 12, 25, 80]) {
      const seen = new Set();
      const { pages } = stage(size, count);
      for (let page = 0; page < pages; page++)
        for (const session of stage(size, count, { page }).boxes.keys()) seen.add(session);
      assert.equal(seen.size, count);
    }
  });
}

test("the tiles of a grid have 16:9, and on a phone up to a square", () => {
  for (const size of [DESKTOP, TABLET])
    for (const count of [1, 3, 5, 12, 25])
      for (const { width, height } of stage(size, count).boxes.values())
        assert.ok(Math.abs(width / height - 16 / 9) < 0.03, `${width} × ${height}`);
  for (const { width, height } of stage(PHONE, 12).boxes.values())
    assert.ok(width / height > 0.98 && width / height < 1.79, `${width} × ${height}`);
});

test("twelve fit on a phone and 25 on a tablet, not too small", () => {
  for (const [size, count] of [
    [PHONE, 12],
    [TABLET, 25],
  ]) {
    const { boxes, pages } = stage(size, count);
    assert.equal(pages, 1);
    for (const { width, height } of boxes.values()) assert.ok(width >= 100 && height >= 80);
  }
});

test("of two people the other fills the stage, and oneself floats in the chosen corner", () => {
  const { kind, boxes } = stage(DESKTOP, 2, { corner: "top-start" });
  assert.equal(kind, "two");
  assert.deepEqual(boxes.get("p0"), { x: 0, y: 0, ...DESKTOP, role: "large" });
  assert.equal(boxes.get("own").role, "floating");
  assert.deepEqual([boxes.get("own").x, boxes.get("own").y], [8, 8]);
});

test("who hides the own picture sees it only when alone", () => {
  assert.deepEqual([...stage(DESKTOP, 2, { showsOwn: false }).boxes.keys()], ["p0"]);
  assert.equal(stage(DESKTOP, 5, { showsOwn: false }).boxes.has("own"), false);
  assert.deepEqual([...stage(DESKTOP, 1, { showsOwn: false }).boxes.keys()], ["own"]);
});

test("the corner is the one next to the middle of the tile", () => {
  for (const corner of ["top-start", "top-end", "bottom-start", "bottom-end"])
    for (const size of Object.values(SIZES))
      assert.equal(nearestCorner(floatingBox({ ...size, corner, ownShape: 4 / 3 }), size), corner);
});

test("in the speaker view the speaker is large, else the first other; a pin goes before both", () => {
  const large = (changes) => {
    const { boxes } = stage(DESKTOP, 5, { mode: "speaker", ...changes });
    return [...boxes].find(([, { role }]) => role === "large")[0];
  };
  assert.equal(large({}), "p0");
  assert.equal(large({ speaker: "p2" }), "p2");
  assert.equal(large({ speaker: "own" }), "p0");
  assert.equal(large({ speaker: "p2", pinned: "p3" }), "p3");
  assert.equal(large({ mode: "grid", pinned: "own" }), "own");
  assert.equal(large({ speaker: "gone", pinned: "gone" }), "p0");
});

test("a screen takes the most room", () => {
  for (const size of Object.values(SIZES)) {
    const { screen } = stage(size, 12, { hasScreen: true });
    const area = (screen.width * screen.height) / (size.width * size.height);
    assert.ok(area > 0.45, `${area} of ${size.width} × ${size.height}`);
  }
});

test("a page that is no more is the last one", () => {
  const { page, pages, boxes } = stage(LANDSCAPE, 12, { page: 9 });
  assert.equal(page, pages - 1);
  assert.ok(boxes.size > 0);
});
