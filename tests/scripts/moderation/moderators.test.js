// The moderators' parts work together.

import assert from "node:assert/strict";
import { test } from "node:test";

/** An element of the page, or of a template: what is in it is made when somebody looks for it. */
class Element extends EventTarget {
  children = [];
  dataset = {};
  textContent = "";
  hidden = false;
  #inside = new Map();

  append(...children) {
    this.children.push(...children);
  }

  querySelector(selector) {
    if (!this.#inside.has(selector)) this.#inside.set(selector, new Element());
    return this.#inside.get(selector);
  }

  contains = () => false;
  matches = () => false;
  focus() {}
  setAttribute() {}
  remove() {}
}

const keys = ["one-waits", "two-wait", "admit-one", "admit", "remove", "waiting", "lobby-off"];
const texts = Object.fromEntries(keys.map((key) => [key, `${key} {name}`]));
const elements = new Map([
  ["call-texts", { textContent: JSON.stringify(texts) }],
  ["call-config", { textContent: JSON.stringify({ timeout: 30 }) }],
]);
globalThis.document = {
  dir: "ltr",
  body: { dataset: { view: "call" } },
  createElement: () => new Element(),
  getElementById(id) {
    if (!elements.has(id)) elements.set(id, new Element());
    return elements.get(id);
  },
};
document.getElementById("waiting-template").content = {
  firstElementChild: { cloneNode: () => new Element() },
};
globalThis.localStorage = { getItem: () => "false", setItem() {}, removeItem() {} }; // no sounds

const folder = "../../../talk_calls/static/talk_calls/call";
const { Moderators } = await import(`${folder}/moderation/moderators.js`);
const { People } = await import(`${folder}/people/people.js`);

const [OWNER, USER] = [1, 3];
const participant = (attendeeId, rest) => ({
  attendeeId,
  displayName: `person ${attendeeId}`,
  participantType: USER,
  permissions: 502,
  attendeePermissions: 0,
  inCall: 0,
  lastPing: 100,
  sessionIds: [`api-${attendeeId}`],
  ...rest,
});

/** Let promises go on that wait for nothing but each other. */
async function settle() {
  for (let turn = 0; turn < 20; turn++) await null;
}

test("a moderator is told of who waits, and admits them from there", async ({ mock }) => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const room = { lobbyState: 1, participantType: OWNER };
  const permitted = [];
  const people = new People();
  people.set("own", { name: "Ada" });
  const moderators = new Moderators({
    api: {
      room: async () => room,
      participants: async () => [
        participant(1, { participantType: OWNER, inCall: 7 }),
        participant(2),
      ],
      setPermissions: async (...permission) => permitted.push(permission),
    },
    people,
    connections: () => ({ sessions: [] }),
    apiSessionOf: () => "api-1",
    onRoom: (room) => moderators.setRoom(room),
  });
  moderators.setRoom(room);
  moderators.update([{ sessionId: "api-2", inCall: 0 }], { hasNewRole: false });
  mock.timers.tick(1000); // until the moderator looks
  await settle();
  assert.equal(people.get("own").isModerator, true);
  assert.equal(elements.get("waiting-badge").textContent, "1");
  mock.timers.tick(1);
  const [toast] = elements.get("call-log").children;
  const [line, button] = toast.children;
  assert.equal(line.textContent, "one-waits person 2");
  document.activeElement = document.body;
  document.querySelector = () => null;
  button.dispatchEvent(new Event("click"));
  await settle();
  assert.deepEqual(permitted, [[2, 502 | 8]]);
});
