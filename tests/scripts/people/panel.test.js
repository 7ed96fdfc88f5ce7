// Opening and closing the side panel.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

class Element extends EventTarget {
  value = "";
  hidden = true;

  setAttribute() {}
  focus() {}
}

const elements = new Map();
globalThis.document = {
  getElementById(id) {
    if (!elements.has(id)) elements.set(id, new Element());
    return elements.get(id);
  },
};
for (const id of ["call-texts", "call-config"]) elements.set(id, { textContent: "{}" });

const { Panel } = await import("../../../talk_calls/static/talk_calls/call/people/panel.js");

const panel = new Panel({ can: () => true, onAction() {}, onOpen() {} });

/** Press Escape in an element of the panel. */
function pressEscape(id) {
  const event = Object.assign(new Event("keydown"), { key: "Escape" });
  Object.defineProperty(event, "target", { value: elements.get(id) });
  elements.get("panel").dispatchEvent(event);
}

beforeEach(() => {
  elements.get("panel").hidden = false;
  document.getElementById("people-search").value = "";
});

test("Escape closes the panel", () => {
  pressEscape("panel-button");
  assert.equal(panel.isOpen, false);
});

test("Escape in a field with text empties that first", () => {
  elements.get("people-search").value = "Ada";
  pressEscape("people-search");
  assert.equal(panel.isOpen, true);
});

test("Escape in an empty field closes the panel", () => {
  pressEscape("people-search");
  assert.equal(panel.isOpen, false);
});

test("Escape on a check box, which always has a value, closes the panel", () => {
  elements.get("knock").value = "on";
  pressEscape("knock");
  assert.equal(panel.isOpen, false);
});
