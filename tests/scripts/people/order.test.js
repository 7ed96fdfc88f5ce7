// In which order people are listed, and who of them is found.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  inOrder,
  matches,
  placeIn,
  raisedAt,
} from "../../../talk_calls/static/talk_calls/call/people/order.js";

const person = (name, changes = {}) => ({
  session: name,
  name,
  hand: false,
  handAt: 0,
  ...changes,
});
const sorted = (people) => people.toSorted(inOrder).map(({ session }) => session);

test("hands come first, in the order in which they were raised, then we, then names", () => {
  const people = [
    person("zoe"),
    person("Ben"),
    person("ann"),
    person("me", { isOwn: true }),
    person("second", { hand: true, handAt: 20 }),
    person("first", { hand: true, handAt: 10 }),
  ];
  assert.deepEqual(sorted(people), ["first", "second", "me", "ann", "Ben", "zoe"]);
});

test("people of one name have an order all the same", () => {
  const people = [person("b", { name: "Ann" }), person("a", { name: "Ann" })];
  assert.deepEqual(sorted(people), ["a", "b"]);
  assert.deepEqual(sorted(people.toReversed()), ["a", "b"]);
});

test("somebody is put where sorting would", () => {
  const names = ["Ann", "Ben", "Dan"].map((name) => person(name));
  const place = (name) => placeIn(names, person(name), inOrder);
  assert.deepEqual([place("Abe"), place("Carl"), place("Zoe")], [0, 2, 3]);
  assert.equal(placeIn([], person("Ann"), inOrder), 0);
});

test("a clock that is ahead gives no later time than now", () => {
  assert.equal(raisedAt(1000, 2000), 1000);
  assert.equal(raisedAt(9000, 2000), 2000);
  for (const said of [undefined, null, "soon", Number.NaN])
    assert.equal(raisedAt(said, 2000), 2000);
});

test("names are found by any part, without accents and capitals", () => {
  assert.ok(matches("Zoë Müller", "zoe m"));
  assert.ok(matches("Zoë", " "));
  assert.ok(!matches("Ann", "ben"));
});
