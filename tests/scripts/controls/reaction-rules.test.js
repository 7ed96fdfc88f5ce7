// Which reactions are shown, and how they are told.

import assert from "node:assert/strict";
import { test } from "node:test";

import {
  RateLimit,
  isReaction,
  mayReact,
  summary,
} from "../../../talk_calls/static/talk_calls/call/controls/reaction-rules.js";

test("a reaction is one emoji", () => {
  for (const emoji of ["👍", "❤️", "😂", "👏", "🎉", "😲", "👍🏽", "❤", "🤷🏽‍♀️", "👨‍👩‍👧‍👦"])
    assert.equal(isReaction(emoji), true, emoji);
});

test("reacting takes the permission, if a list said which there are", () => {
  for (const permissions of [0, 1, 255]) assert.equal(mayReact(permissions), false);
  for (const permissions of [256, 502, undefined]) assert.equal(mayReact(permissions), true);
});

test("text, several emoji, and whatever else comes over the wire are none", () => {
  const others = [
    "",
    "ok",
    "1",
    "👍👍",
    "👍 hello",
    "<b>",
    "\u202e👍",
    "👍\u200d",
    "👍\ufe0f".repeat(9),
  ];
  for (const value of [...others, null, undefined, 1, {}, ["👍"]])
    assert.equal(isReaction(value), false, JSON.stringify(value));
});

test("a person may react four times in three seconds; others do not count", () => {
  const limit = new RateLimit();
  const at = (ms, session = "a") => limit.allows(session, ms);
  assert.deepEqual([at(0), at(1), at(2), at(3), at(4)], [true, true, true, true, false]);
  assert.equal(at(4, "b"), true);
  assert.deepEqual([at(3000), at(3000)], [true, false]);
  limit.forget("a");
  assert.equal(at(3000), true);
});

test("reactions are told together, each person once", () => {
  const said = [
    ["👍", "Ann"],
    ["👍", "Ben"],
    ["👍", "Ann"],
    ["🎉", "Cleo"],
  ].map(([reaction, name]) => ({ reaction, name }));
  assert.deepEqual(summary(said), [
    { reaction: "👍", names: ["Ann", "Ben"] },
    { reaction: "🎉", names: ["Cleo"] },
  ]);
});

test("of many people only the number is told", () => {
  const many = ["Ann", "Ben", "Cleo", "Dan"].map((name) => ({ reaction: "👏", name }));
  assert.deepEqual(summary(many), [{ reaction: "👏", number: 4 }]);
});
