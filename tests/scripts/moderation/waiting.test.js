// Who waits in the lobby.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  wereAdmitted,
  whoWaits,
} from "../../../talk_calls/static/talk_calls/call/moderation/waiting.js";

let count = 0;
/** Somebody who waits, unless the changes say otherwise. */
const participant = (displayName, changes = {}) => ({
  attendeeId: ++count,
  displayName,
  sessionIds: [`session of ${displayName}`],
  inCall: 0,
  participantType: 4,
  permissions: 502,
  attendeePermissions: 0,
  lastPing: 1_700_000_100,
  ...changes,
});
const namesOf = (people) => people.map(({ displayName }) => displayName);
const UP = { hasLobby: true, timeout: 30 };

test("those wait who are there, out of the call, and kept out", () => {
  const people = [
    participant("Ann"),
    participant("user", { participantType: 3 }),
    participant("user by link", { participantType: 5 }),
  ];
  assert.deepEqual(namesOf(whoWaits(people, UP)), ["Ann", "user", "user by link"]);
});

test("nobody else waits", () => {
  const others = {
    owner: { participantType: 1, permissions: 510 },
    moderator: { participantType: 2, permissions: 510 },
    "guest who moderates": { participantType: 6, permissions: 510 },
    "owner with odd permissions": { participantType: 1, permissions: 0 },
    "in the call": { inCall: 7 },
    "in the call without media": { inCall: 1 },
    absent: { sessionIds: [] },
    "let in": { permissions: 511 },
    "timed out": { lastPing: 1_700_000_069 },
  };
  const people = Object.entries(others).map(([name, changes]) => participant(name, changes));
  assert.deepEqual(namesOf(whoWaits([...people, participant("Ann")], UP)), ["Ann"]);
});

test("nobody waits while the lobby is open", () => {
  assert.deepEqual(whoWaits([participant("Ann")], { ...UP, hasLobby: false }), []);
});

test("who came first stands first, whoever pinged last", () => {
  const [ann, ben] = [participant("Ann"), participant("Ben", { lastPing: 1_700_000_110 })];
  assert.deepEqual(namesOf(whoWaits([ben, ann], UP)), ["Ann", "Ben"]);
});

test("an empty list has nobody", () => {
  assert.deepEqual(whoWaits([], UP), []);
});

test("who was admitted is known by the own permission, not by that of everybody", () => {
  const people = [
    participant("admitted", { permissions: 511, attendeePermissions: 511 }),
    participant("by default", { permissions: 511 }),
    participant("moderator", { participantType: 2, permissions: 510, attendeePermissions: 511 }),
    participant("Ann"),
  ];
  assert.deepEqual(namesOf(wereAdmitted(people)), ["admitted"]);
});
