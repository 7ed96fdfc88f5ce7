// Banning somebody: what is asked and sent, what is said about a refusal, and the list of bans.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const KEYS = [
  "ban-question",
  "ban-verb",
  "banned",
  "failed",
  "not-allowed",
  "ban-moderator",
  "ban-limit",
  "ban-managed",
  "guest",
  "lift-ban",
];
const texts = Object.fromEntries(KEYS.map((key) => [key, `${key} {name}`]));

let answer, said, notes;

/** An element of a page whose dialogs are answered at once. */
class Element extends EventTarget {
  textContent = "";
  value = "";
  children = [];
  parts = new Map();

  append(...children) {
    if (this.id === "call-log") said.push(children[0].children[0].textContent);
    this.children.push(...children);
  }

  replaceChildren(...children) {
    this.children = children;
    for (const child of children)
      child.remove = () => this.children.splice(this.children.indexOf(child), 1);
  }

  get childElementCount() {
    return this.children.length;
  }

  get firstElementChild() {
    return this;
  }

  get content() {
    return this;
  }

  cloneNode = () => new Element();

  querySelector(selector) {
    if (!this.parts.has(selector)) this.parts.set(selector, new Element());
    return this.parts.get(selector);
  }

  showModal() {
    this.returnValue = answer;
    Object.assign(elements.get("ban-shown"), { value: notes[0] });
    Object.assign(elements.get("ban-internal"), { value: notes[1] });
  }

  addEventListener(type, listener) {
    if (type === "close") listener();
    else super.addEventListener(type, listener);
  }

  contains = () => false;
  matches = () => false;
  toggleAttribute(name, isOn) {
    this[name] = isOn;
  }
  remove() {}
}

const elements = new Map();
globalThis.document = {
  body: { dataset: { view: "call" } },
  createElement: () => new Element(),
  getElementById(id) {
    if (!elements.has(id)) elements.set(id, Object.assign(new Element(), { id }));
    return elements.get(id);
  },
};
elements.set("call-texts", { textContent: JSON.stringify(texts) });
elements.set("call-config", { textContent: "{}" });
for (const id of ["ban-shown", "ban-internal"]) document.getElementById(id);

const folder = "../../../talk_calls/static/talk_calls/call";
const { Refusal } = await import(`${folder}/api/api.js`);
const { BanList, problemOf } = await import(`${folder}/moderation/bans.js`);
const { Moderation } = await import(`${folder}/moderation/moderation.js`);

let requests, refusal, moderation;

beforeEach(() => {
  [requests, said, refusal, answer, notes] = [[], [], null, "yes", ["Calm down", "Shouts"]];
  const request =
    (name) =>
    async (...values) => {
      requests.push([name, ...values]);
      if (refusal) throw refusal;
    };
  const all = [
    { attendeeId: 2, sessionIds: ["api 2"], actorType: "users", actorId: "bob" },
    { attendeeId: 3, sessionIds: ["api 3"], actorType: "guests", actorId: "4af1" },
  ];
  moderation = new Moderation({
    api: { ban: request("ban"), bans: async () => [], liftBan: request("lift") },
    participants: {
      all,
      ofSession: (session) => all.find(({ sessionIds }) => sessionIds.includes(session)),
      refresh: async () => {},
      refreshSoon() {},
    },
    sendMessage() {},
    sessions: () => [],
    apiSessionOf: (session) => `api ${session}`,
    onRoom() {},
  });
  moderation.room = { participantType: 1, type: 3 };
});

const NOTES = { shownNote: "Calm down", internalNote: "Shouts" };

test("somebody is banned as the list of participants names them, with both notes", async () => {
  assert.equal(await moderation.run("ban", { session: "3", name: "Ada" }), true);
  assert.equal(await moderation.run("ban", { attendeeId: 2, name: "Bob" }), true);
  assert.deepEqual(requests, [
    ["ban", { actorType: "guests", actorId: "4af1", ...NOTES }],
    ["ban", { actorType: "users", actorId: "bob", ...NOTES }],
  ]);
  assert.equal(elements.get("ban-question").textContent, "ban-question Bob");
});

test("nobody is banned by a moderator who thinks better of it", async () => {
  answer = "no";
  assert.equal(await moderation.run("ban", { session: "3", name: "Ada" }), false);
  assert.deepEqual([requests, said], [[], []]);
});

test("the notes of one question are not in the next", async () => {
  notes = ["", ""];
  await moderation.run("ban", { attendeeId: 2 });
  assert.deepEqual(requests[0][1].internalNote, "");
});

test("who has left the list meanwhile cannot be banned", async () => {
  assert.equal(await moderation.run("ban", { session: "9", name: "Eve" }), false);
  assert.deepEqual(requests, []);
});

test("a refusal is told in words", () => {
  const told = (status, error) => problemOf(new Refusal(status, { error }));
  assert.equal(told(400, "moderator"), "ban-moderator");
  assert.equal(told(400, "limit"), "ban-limit");
  assert.equal(told(403, "managed"), "ban-managed");
  assert.equal(told(403, "not-moderator"), "not-allowed");
  assert.equal(told(400, "bannedActor"), "failed");
  assert.equal(problemOf(new Error("anything")), "failed");
});

test("all moderators ban, also guests, but in no one-to-one", () => {
  const may = (room) => {
    moderation.room = room;
    return ["ban", "bans"].filter((action) => moderation.can(action));
  };
  for (const participantType of [1, 2, 6])
    assert.deepEqual(may({ participantType, type: 3 }), ["ban", "bans"]);
  assert.deepEqual(may({ participantType: 1, type: 1 }), []);
  assert.deepEqual(may({ participantType: 3, type: 3 }), []);
});

/** Open a list with two bans, and return its items. */
async function openList(liftBan) {
  document.activeElement = null;
  const bans = [
    { id: 7, bannedDisplayName: "Bob", internalNote: "Shouts" },
    { id: 6, bannedDisplayName: "", internalNote: "" },
  ];
  await new BanList({ api: { bans: async () => bans, liftBan } }).open();
  return [...elements.get("bans-list").children];
}

const click = async (item) => {
  item.querySelector(".lift").dispatchEvent(new Event("click"));
  await new Promise((resolve) => setTimeout(resolve));
};

test("the list names who is banned and why; a ban that was lifted is gone", async () => {
  const lifted = [];
  const [one, two] = await openList(async (id) => lifted.push(id));
  const shown = [one, two].map((item) =>
    [".name", ".state"].map((part) => item.querySelector(part).textContent),
  );
  assert.deepEqual(shown, [
    ["Bob", "Shouts"],
    ["guest undefined", ""],
  ]);
  assert.equal(elements.get("bans-none").hidden, true);
  await click(one);
  await click(two);
  assert.deepEqual(lifted, [7, 6]);
  assert.equal(elements.get("bans-list").childElementCount, 0);
  assert.equal(elements.get("bans-none").hidden, false);
});

test("a ban that another moderator has lifted is gone; what failed stays, and can be tried again", async () => {
  const errors = [new Refusal(404, {}), new Error("offline")];
  const [one, two] = await openList(async () => {
    throw errors.shift();
  });
  await click(one);
  await click(two);
  assert.deepEqual(elements.get("bans-list").children, [two]);
  assert.equal(elements.get("bans-problem").textContent, "failed undefined");
  assert.equal(two.querySelector(".lift").disabled, false);
});
