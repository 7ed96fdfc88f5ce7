// News of who waits in the lobby, with a list that the test plays.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Lobby } from "../../../talk_calls/static/talk_calls/call/moderation/lobby.js";

mock.timers.enable({ apis: ["setTimeout", "Date"] });

class List extends EventTarget {
  all = [];
  asked = 0;

  refresh() {
    this.asked++;
  }

  show(...names) {
    this.all = names.map((name) => ({
      attendeeId: name.charCodeAt(0),
      displayName: name,
      sessionIds: [name],
      inCall: 0,
      participantType: 4,
      permissions: 502,
      lastPing: 100,
    }));
    this.dispatchEvent(new Event("change"));
  }
}

let list, hasLobby, news, shown;
let lobby;

beforeEach(() => {
  [list, hasLobby, news, shown] = [new List(), true, [], null];
  const names = (people) => people.map(({ displayName }) => displayName);
  lobby = new Lobby({
    participants: list,
    hasLobby: () => hasLobby,
    timeout: 30,
    onWaiting: (people) => (shown = names(people)),
    onNewcomers: (people) => news.push(names(people)),
  });
});

test("the first is told at once, those who come soon after are told together", () => {
  list.show("Ann");
  mock.timers.tick(1);
  assert.deepEqual(news, [["Ann"]]);
  list.show("Ann", "Ben");
  mock.timers.tick(1000);
  list.show("Ann", "Ben", "Cleo");
  assert.deepEqual(shown, ["Ann", "Ben", "Cleo"]);
  assert.deepEqual(news, [["Ann"]]);
  mock.timers.tick(4000);
  assert.deepEqual(news, [["Ann"], ["Ben", "Cleo"]]);
});

test("nobody is told twice, but who comes back is told again", () => {
  list.show("Ann");
  list.show("Ann");
  mock.timers.tick(10_000);
  assert.deepEqual(news, [["Ann"]]);
  list.show();
  list.show("Ann");
  mock.timers.tick(10_000);
  assert.deepEqual(news, [["Ann"], ["Ann"]]);
});

test("who was let in or left before it could be told is not told", () => {
  list.show("Ann");
  mock.timers.tick(1);
  list.show("Ann", "Ben");
  list.show("Ann");
  mock.timers.tick(10_000);
  assert.deepEqual(news, [["Ann"]]);
});

test("the list is asked for again while somebody waits, and no longer", () => {
  list.show("Ann");
  mock.timers.tick(30_000);
  assert.equal(list.asked, 1);
  list.show();
  mock.timers.tick(100_000);
  assert.equal(list.asked, 1);
});

test("with the lobby nobody waits any more", () => {
  list.show("Ann");
  hasLobby = false;
  lobby.update();
  assert.deepEqual(shown, []);
});
