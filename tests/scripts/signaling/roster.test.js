// Who is in the room of a High-performance Backend, told by its events.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Roster } from "../../../talk_calls/static/talk_calls/call/signaling/roster.js";

const join = (...entries) => ({ target: "room", type: "join", join: entries });
const leave = (...sessions) => ({ target: "room", type: "leave", leave: sessions });
const update = (content) => ({ target: "participants", type: "update", update: content });

const inCall = (roster) =>
  roster.users.filter((row) => row.inCall).map(({ sessionId }) => sessionId);

test("who joined the room is not in the call until an update says so", () => {
  const roster = new Roster();
  roster.apply(join({ sessionid: "a", roomsessionid: "A" }));
  assert.deepEqual(roster.users, [{ inCall: 0, sessionId: "a", nextcloudSessionId: "A" }]);
  assert.equal(roster.knows("a"), false);
  roster.apply(update({ users: [{ sessionId: "a", inCall: 7 }] }));
  assert.deepEqual(inCall(roster), ["a"]);
  assert.equal(roster.knows("a"), true);
});

test("an update of somebody whose join was lost counts", () => {
  const roster = new Roster();
  roster.apply(update({ users: [{ sessionId: "a", nextcloudSessionId: "A", inCall: 3 }] }));
  assert.deepEqual(inCall(roster), ["a"]);
});

test("a join after the update keeps the flags", () => {
  const roster = new Roster();
  roster.apply(update({ users: [{ sessionId: "a", inCall: 3 }] }));
  roster.apply(join({ sessionid: "a", roomsessionid: "A" }));
  assert.deepEqual(inCall(roster), ["a"]);
  assert.equal(roster.users[0].nextcloudSessionId, "A");
});

test("an update changes what it names, and leaves the rest of a row as it is", () => {
  const roster = new Roster();
  roster.apply(update({ users: [{ sessionId: "a", inCall: 1, participantPermissions: 510 }] }));
  roster.apply(update({ users: [{ sessionId: "a", inCall: 3 }] }));
  assert.deepEqual(inCall(roster), ["a"]);
  assert.equal(roster.users[0].participantPermissions, 510);
});

test("whoever a small list lacks is not in the call any more", () => {
  const roster = new Roster();
  const [a, b] = ["a", "b"].map((sessionId) => ({ sessionId, inCall: 1 }));
  roster.apply(update({ users: [a, b] }));
  roster.apply(update({ users: [b] }));
  assert.deepEqual(inCall(roster), ["b"]);
});

test("an update with a part of a large list leaves the others as they are", () => {
  const roster = new Roster();
  const many = Array.from({ length: 50 }, (_, number) => ({ sessionId: `${number}`, inCall: 1 }));
  roster.apply(update({ users: many.slice(1) }));
  roster.apply(update({ users: [{ sessionId: "1", inCall: 0 }] }));
  assert.equal(inCall(roster).length, 48);
});

test("the call ends for all, and who leaves the room is gone", () => {
  const roster = new Roster();
  roster.apply(
    update({
      users: [
        { sessionId: "a", inCall: 1 },
        { sessionId: "b", inCall: 1 },
      ],
    }),
  );
  roster.apply(update({ all: true, incall: 0 }));
  assert.deepEqual(inCall(roster), []);
  roster.apply(leave("a"));
  assert.deepEqual(
    roster.users.map(({ sessionId }) => sessionId),
    ["b"],
  );
  assert.equal(roster.knows("a"), false);
});

test("rows of nobody, and other events, change nothing", () => {
  const roster = new Roster();
  roster.apply(update({ users: [{ sessionId: "0", inCall: 1 }, { inCall: 1 }] }));
  roster.apply({ target: "roomlist", type: "update", update: { roomid: "x" } });
  roster.apply({ target: "room", type: "message", message: {} });
  assert.deepEqual(roster.users, []);
});
