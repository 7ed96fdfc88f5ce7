// What the page remembers, and what it does with storage that is blocked or spoiled.

import assert from "node:assert/strict";
import { test } from "node:test";

const PATH = "../../../talk_calls/static/talk_calls/call/page/storage.js";
let loads = 0;

/** Load the module in a browser whose localStorage holds these values. */
async function load(values) {
  const items = new Map(Object.entries(values));
  globalThis.localStorage = {
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
  return { items, ...(await import(`${PATH}?${++loads}`)) };
}

test("a value comes back as it was; null forgets it", async () => {
  const { remember, remembered, items } = await load({});
  for (const value of ["Ann", false, 0, { id: "a", off: true }]) {
    remember("choice", value);
    assert.deepEqual(remembered("choice"), value);
  }
  remember("choice", null);
  assert.equal(remembered("choice"), null);
  assert.equal(items.size, 0);
});

test("the name of an older version moves, whatever it looks like", async () => {
  for (const name of ["Ann", "42", "null", '"quoted"']) {
    const { remembered, items } = await load({ "talk_calls.name": name });
    assert.equal(remembered("name"), name);
    assert.ok(!items.has("talk_calls.name"));
  }
});

test("the older name does not replace a newer one", async () => {
  const { remembered } = await load({ "talk_calls.name": "Ann", "talk-calls.name": '"Bea"' });
  assert.equal(remembered("name"), "Bea");
});

test("a spoiled value is none", async () => {
  const { remembered } = await load({ "talk-calls.name": "{" });
  assert.equal(remembered("name"), null);
});

test("blocked storage is no error", async () => {
  delete globalThis.localStorage;
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new DOMException("", "SecurityError");
    },
  });
  const { remember, remembered } = await import(`${PATH}?${++loads}`);
  remember("name", "Ann");
  assert.equal(remembered("name"), null);
});
