// What follows from the messages of other clients.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const said = [];

class Element extends EventTarget {
  children = [];
  append(...children) {
    this.children.push(...children);
    if (this.isLog) said.push(children[0].children[0].textContent);
  }
  matches = () => false;
}

const log = Object.assign(new Element(), { isLog: true });
const texts = { "hand-up": "{name} up", "hand-down": "{name} down" };
globalThis.document = {
  dir: "ltr",
  body: { dataset: { view: "call" } },
  createElement: () => new Element(),
  getElementById: (id) =>
    ({ "call-texts": { textContent: JSON.stringify(texts) }, "call-log": log })[id] ?? {
      textContent: "{}",
    },
};

const folder = "../../../talk_calls/static/talk_calls/call/people";
const { Messages } = await import(`${folder}/messages.js`);
const { People } = await import(`${folder}/people.js`);

let people, messages, asked, loads;

beforeEach((context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  people = new People();
  people.set("ada", { name: "Ada", actor: "users/ada", audio: true, speaking: true });
  asked = [];
  loads = 0;
  said.length = 0;
  messages = new Messages({
    people,
    names: { of: ({ name }) => name, loadSoon: () => loads++ },
    reactions: {},
    requests: { take: (...request) => asked.push(request) },
    ownSession: () => "own",
  });
});

test("who mutes does not speak any more", () => {
  messages.take("ada", { type: "mute", payload: { name: "audio" } });
  assert.equal(people.get("ada").audio, false);
  assert.equal(people.get("ada").speaking, false);
});

test("a status that nobody knows changes nothing", () => {
  const before = people.get("ada");
  messages.takeStatus("ada", "toString");
  messages.take("ada", { type: "mute" });
  assert.equal(people.get("ada"), before);
});

test("another name is loaded from the server", () => {
  messages.takeStatus("ada", "nickChanged", { name: "Ada" });
  assert.equal(loads, 0);
  messages.takeStatus("ada", "nickChanged", "Grace");
  assert.equal(loads, 1);
  assert.equal(people.get("ada").name, "Ada");
});

test("a hand is told once", () => {
  const message = { type: "raiseHand", payload: { state: true, timestamp: 5 } };
  messages.take("ada", message);
  messages.take("ada", message);
  assert.equal(people.get("ada").handAt, 5);
  assert.deepEqual(said, ["Ada up"]);
  messages.take("ada", { type: "raiseHand", payload: { state: false } });
  assert.deepEqual(said, ["Ada up", "Ada down"]);
});

test("a hand that was up before the name was loaded is shown and not told", () => {
  people.set("ben", {});
  said.length = 0;
  messages.take("ben", { type: "raiseHand", payload: { state: true, timestamp: 5 } });
  assert.equal(people.get("ben").hand, true);
  assert.deepEqual(said, []);
});

test("only what a moderator asks of us is done", () => {
  const control = (peerId) => ({ type: "control", payload: { action: "forceMute", peerId } });
  messages.take("ada", control("other"));
  messages.take("ada", { type: "control" });
  assert.deepEqual(asked, []);
  messages.take("ada", control("own"));
  assert.deepEqual(asked, [["forceMute", "ada"]]);
});
