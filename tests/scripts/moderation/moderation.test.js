// What moderators may do, and what the page sends when they do it.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const TEXTS = ["failed", "not-allowed", "removed", "muted", "muted-all", "asked-to-unmute"];
const QUESTIONS = [
  "mute-all",
  "mute-all-question",
  "remove",
  "remove-question",
  "lobby-question",
  "lobby-verb",
];
const texts = Object.fromEntries([...TEXTS, ...QUESTIONS].map((key) => [key, key]));

let answer, said, asked;

/** An element of a page that has one dialog, which is answered at once. */
class Element extends EventTarget {
  textContent = "";
  children = [];

  append(...children) {
    if (this.id === "call-log") said.push(children[0].children[0].textContent);
    this.children.push(...children);
  }

  showModal() {
    asked.push(elements.get("question-text").textContent);
    this.returnValue = answer;
  }

  addEventListener(type, listener) {
    if (type === "close") listener();
  }

  matches = () => false;
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

const folder = "../../../talk_calls/static/talk_calls/call";
const { Refusal } = await import(`${folder}/api/api.js`);
const { Moderation } = await import(`${folder}/moderation/moderation.js`);

let sent, requests, refusal, moderation;

/** Somebody on the list of participants. */
const participant = (attendeeId, changes) => ({
  attendeeId,
  sessionIds: [`api ${attendeeId}`],
  participantType: 4,
  permissions: 502,
  attendeePermissions: 0,
  ...changes,
});

beforeEach(() => {
  [sent, requests, refusal, said, asked, answer] = [[], [], null, [], [], "yes"];
  const request =
    (name) =>
    async (...values) => {
      requests.push([name, ...values]);
      if (refusal) throw refusal;
      return { participantType: 1, lobbyState: values[0] };
    };
  const all = [
    participant(1, { participantType: 1, permissions: 510 }),
    participant(2),
    participant(3, { permissions: 511, attendeePermissions: 511 }),
    participant(4, { permissions: 375 }),
  ];
  const ofSession = (session) => all.find(({ sessionIds }) => sessionIds.includes(session));
  moderation = new Moderation({
    api: {
      setPermissions: request("permissions"),
      setLobby: request("lobby"),
      remove: request("remove"),
    },
    participants: { all, ofSession, refresh: async () => {}, refreshSoon() {} },
    sendMessage: (message, to) => sent.push([message.payload, to]),
    sessions: () => ["two", "three"],
    apiSessionOf: (session) => ({ two: "api 2", three: "api 3" })[session],
    onRoom: (room) => (moderation.room = room),
  });
  moderation.room = { participantType: 1, lobbyState: 1 };
});

test("moderators may all, guests who moderate what the server lets guests do, others nothing", () => {
  const actions = ["admit", "remove", "end", "lobby", "lock", "mute", "mute-all", "ask-to-unmute"];
  const may = (participantType) => {
    moderation.room = { participantType };
    return actions.filter((action) => moderation.can(action));
  };
  for (const role of [1, 2]) assert.deepEqual(may(role), actions);
  assert.deepEqual(may(6), ["admit", "remove", "end"]);
  for (const role of [3, 4, 5, undefined]) assert.deepEqual(may(role), []);
});

test("who is admitted keeps all other permissions", async () => {
  await moderation.run("admit", { attendeeId: 2 });
  await moderation.run("admit-all", { attendeeIds: [2, 4, 99] });
  const both = [
    ["permissions", 2, 502 | 8],
    ["permissions", 4, 375 | 8],
  ];
  assert.deepEqual(requests, [both[0], ...both]);
});

test("raising the lobby takes the way in from those who were admitted, and asks before", async () => {
  moderation.room = { participantType: 1, lobbyState: 0 };
  assert.ok(await moderation.run("lobby"));
  assert.deepEqual(asked, ["lobby-question"]);
  assert.deepEqual(requests, [
    ["lobby", 1],
    ["permissions", 3, 503],
  ]);
});

test("opening the lobby asks nothing, and leaves permissions alone", async () => {
  await moderation.run("lobby");
  assert.deepEqual([asked, requests], [[], [["lobby", 0]]]);
});

test("no means no", async () => {
  answer = "no";
  assert.equal(await moderation.run("remove", { session: "two", name: "Ben" }), false);
  assert.deepEqual(requests, []);
});

test("somebody is removed by the number of the attendee, from the call and from the lobby", async () => {
  await moderation.run("remove", { session: "two", name: "Ben" });
  await moderation.run("remove", { attendeeId: 4, name: "Dan" });
  assert.deepEqual(requests, [
    ["remove", 2],
    ["remove", 4],
  ]);
});

test("who is gone already needs no admission, and is removed", async () => {
  refusal = new Refusal(404);
  assert.ok(await moderation.run("admit", { attendeeId: 2 }));
  assert.ok(await moderation.run("remove", { session: "two", name: "Ben" }));
  assert.deepEqual(said, ["removed"]);
});

test("what is refused or fails is said", async () => {
  refusal = new Refusal(403);
  assert.equal(await moderation.run("admit", { attendeeId: 2 }), false);
  refusal = new Refusal(400);
  assert.equal(await moderation.run("admit", { attendeeId: 2 }), false);
  assert.deepEqual(said, ["not-allowed", "failed"]);
});

test("all are muted each by a message of their own; one is asked", async () => {
  await moderation.run("mute-all");
  await moderation.run("ask-to-unmute", { session: "three", name: "Cleo" });
  assert.deepEqual(sent, [
    [{ action: "forceMute", peerId: "two" }, "two"],
    [{ action: "forceMute", peerId: "three" }, "three"],
    [{ action: "askUnmute", peerId: "three" }, "three"],
  ]);
});
