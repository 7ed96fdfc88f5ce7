// When the list of participants is asked for.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Refusal, Unreachable } from "../../../talk_calls/static/talk_calls/call/api/api.js";
import { Participants } from "../../../talk_calls/static/talk_calls/call/people/participants.js";

// The module waits for the browser to be online.
globalThis.addEventListener = () => {};

let asked, answers, isWanted, changes, participants;

beforeEach(() => {
  [asked, answers, isWanted, changes] = [0, [], true, 0];
  const api = {
    participants: () => {
      asked++;
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
  };
  participants = new Participants({ api, isWanted: () => isWanted });
  participants.addEventListener("change", () => changes++);
});

const ANN = { attendeeId: 1, sessionIds: ["a", "b"] };

test("the list names who has a session", async () => {
  const refreshed = participants.refresh();
  answers[0].resolve([ANN]);
  await refreshed;
  assert.equal(participants.ofSession("b"), ANN);
  assert.equal(participants.ofSession("c"), undefined);
});

test("what changes while we ask is asked for once more, and one request is under way", async () => {
  const both = [participants.refresh(), participants.refresh(), participants.refresh()];
  assert.equal(asked, 1);
  answers[0].resolve([]);
  while (asked < 2) await new Promise((resolve) => setTimeout(resolve));
  answers[1].resolve([ANN]);
  await Promise.all(both);
  assert.equal(asked, 2);
  assert.deepEqual(participants.all, [ANN]);
});

test("nobody asks for what nobody wants, and what was known is forgotten", async () => {
  const refreshed = participants.refresh();
  answers[0].resolve([ANN]);
  await refreshed;
  isWanted = false;
  participants.refreshSoon();
  assert.deepEqual(participants.all, []);
  await participants.refresh();
  assert.equal(asked, 1);
});

test("an answer that comes after nobody wants it any more changes nothing", async () => {
  const refreshed = participants.refresh();
  isWanted = false;
  answers[0].resolve([ANN]);
  await refreshed;
  assert.deepEqual(participants.all, []);
});

test("a refusal ends it, an outage does not", async () => {
  const refused = participants.refresh();
  answers[0].reject(new Refusal(403));
  await refused;
  const later = participants.refresh();
  answers[1].reject(new Unreachable());
  while (asked < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  answers[2].resolve([ANN]);
  await later;
  assert.equal(changes, 1);
});
