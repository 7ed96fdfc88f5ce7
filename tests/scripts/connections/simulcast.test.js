// Which size of a camera's picture a tile asks for.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  sizeFor,
  SIZES,
} from "../../../talk_calls/static/talk_calls/call/connections/simulcast.js";

test("a small tile gets the least size, a large one the largest", () => {
  assert.deepEqual([90, 216, 217, 432, 433, 2000].map(sizeFor), [0, 0, 1, 1, 2, 2]);
});

test("the sizes fit into the bit rate that the server accepts", () => {
  const sum = SIZES.reduce((total, { maxBitrate }) => total + maxBitrate, 0);
  assert.ok(sum <= 2 ** 20, `${sum}`);
});
