// Credentials for relays are renewed in time.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { ServerClock } from "../../../talk_calls/static/talk_calls/call/api/clock.js";
import { IceServers } from "../../../talk_calls/static/talk_calls/call/visit/ice-servers.js";

const NOW = Date.parse("2026-12-01T10:00:00Z"); // at the server
const AHEAD = 10 * 60_000; // ms that the device's clock is ahead
const HOUR = 3600; // s

const date = (time) => new Date(time).toUTCString();
const turn = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW + AHEAD });
});

/** Return the servers of a page, with numbered credentials, and which were handed to connections. */
function iceServers(lifetime) {
  const clock = new ServerClock();
  clock.observe(date(NOW));
  const renewed = [];
  let asked = 0;
  const ask = async () => ({
    stunservers: [{ urls: [] }],
    turnservers: [{ urls: ["turn:relay.example"], username: `${++asked}` }],
  });
  const onRenewed = ([{ username }]) => renewed.push(username);
  return { renewed, servers: new IceServers({ ask, lifetime, now: clock.now, onRenewed }) };
}

test("credentials are renewed after half of their life", async () => {
  const { servers, renewed } = iceServers(2 * HOUR);
  assert.equal((await servers.get())[0].username, "1");
  assert.equal((await servers.get()).length, 1); // without the entry that has no address
  mock.timers.tick(HOUR * 1000 - 1);
  await turn();
  assert.deepEqual(renewed, []);
  mock.timers.tick(2);
  await turn();
  assert.deepEqual(renewed, ["2"]);
  mock.timers.tick(HOUR * 1000);
  await turn();
  assert.deepEqual(renewed, ["2", "3"]);
});

test("who waited gets new ones, and nobody asks meanwhile", async () => {
  const { servers, renewed } = iceServers(2 * HOUR);
  await servers.get();
  servers.forget();
  mock.timers.tick(10 * HOUR * 1000);
  await turn();
  assert.equal((await servers.get())[0].username, "2");
  assert.deepEqual(renewed, []);
});

test("without relays the servers are asked for once", async () => {
  const { servers } = iceServers(null);
  await servers.get();
  mock.timers.tick(100 * HOUR * 1000);
  assert.equal((await servers.get())[0].username, "1");
});

test("a failed renewal is repeated", async () => {
  const { servers, renewed } = iceServers(2 * HOUR);
  await servers.get();
  const { ask } = servers;
  servers.ask = async () => {
    throw new Error("unreachable");
  };
  mock.timers.tick(HOUR * 1000);
  await turn();
  servers.ask = ask;
  mock.timers.tick(HOUR * 1000);
  await turn();
  assert.deepEqual(renewed, ["2"]);
});
