// External signaling against a server that the test plays.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Hpb } from "../../../talk_calls/static/talk_calls/call/signaling/hpb.js";

const SETTINGS = {
  server: "https://hpb.example/",
  helloAuthParams: { "1.0": { userid: "ann", ticket: "a ticket" }, "2.0": { token: "a token" } },
};
const WELCOME = { type: "welcome", welcome: { features: ["hello-v2"] } };

let sockets;
/** The server that nobody can connect to. */
let dead;

/** A WebSocket whose server side is the test. */
class FakeSocket {
  sent = [];
  #waiting = [];

  constructor(url) {
    this.url = url;
    sockets.push(this);
    setTimeout(() => (url === dead ? this.close() : this.onopen?.()));
  }

  send(text) {
    this.sent.push(JSON.parse(text));
    for (const check of this.#waiting) check();
  }

  close() {
    this.isClosed = true;
    this.onclose?.();
  }

  tell(frame) {
    this.onmessage({ data: JSON.stringify(frame) });
  }

  /** Wait for the next frame of a type. */
  async next(type) {
    for (;;) {
      const index = this.sent.findIndex((frame) => frame.type === type);
      if (index >= 0) return this.sent.splice(index, 1)[0];
      await new Promise((resolve) => this.#waiting.push(resolve));
    }
  }
}

/** Wait until the page has opened so many sockets. */
async function socketNumber(number) {
  while (sockets.length < number) await new Promise((resolve) => setTimeout(resolve, 5));
  const socket = sockets[number - 1];
  while (!socket.onmessage) await new Promise((resolve) => setTimeout(resolve));
  return socket;
}

/** Return a client that runs, and what it reported. */
function client({ settings = SETTINGS } = {}) {
  const told = { users: [], messages: [], newIds: 0, gone: [], settings: 0 };
  const api = {
    token: "abcd",
    address: (path) => `https://site.example/${path}`,
    settings: async () => ((told.settings += 1), settings),
  };
  const hpb = new Hpb({
    api,
    session: "A",
    settings,
    onUpdate: (users, messages) => {
      if (users) told.users.push(users);
      told.messages.push(...messages);
    },
    onNewId: () => (told.newIds += 1),
    onSessionGone: ({ status, reason }) => told.gone.push([status, reason]),
    onConnectionLost: () => {},
  });
  hpb.run();
  return { hpb, told };
}

/** Answer the hello and the joining of the room; return both frames. */
async function enter(socket, { id = "a", resumeid = "r" } = {}) {
  const hello = await socket.next("hello");
  const server = { features: ["mcu", "simulcast"] };
  socket.tell({ id: hello.id, type: "hello", hello: { sessionid: id, resumeid, server } });
  const room = await socket.next("room");
  socket.tell({ id: room.id, type: "room", room: { roomid: "abcd" } });
  return { hello, room };
}

beforeEach(() => {
  sockets = [];
  dead = null;
  Object.assign(globalThis, { WebSocket: FakeSocket, addEventListener() {} });
});

test("says hello with a token where the server takes one, and joins the room", async () => {
  const { hpb } = client();
  const socket = await socketNumber(1);
  assert.equal(socket.url, "wss://hpb.example/spreed");
  socket.tell(WELCOME);
  const { hello, room } = await enter(socket);
  assert.deepEqual(hello.hello, {
    version: "2.0",
    auth: { url: "https://site.example/v3/signaling/backend", params: { token: "a token" } },
  });
  assert.deepEqual(room.room, { roomid: "abcd", sessionid: "A" });
  assert.equal(await hpb.joined(), true);
  assert.deepEqual([hpb.id, hpb.hasMcu, hpb.hasSimulcast], ["a", true, true]);
  hpb.stop();
  await socket.next("bye");
});

test("says hello with a ticket to a server that sends no welcome", async () => {
  const { hpb } = client();
  const { hello } = await enter(await socketNumber(1));
  assert.equal(hello.hello.version, "1.0");
  assert.deepEqual(hello.hello.auth.params, { userid: "ann", ticket: "a ticket" });
  hpb.stop();
});

test("uses the ticket when the token is refused, with new settings", async () => {
  const { hpb, told } = client();
  const first = await socketNumber(1);
  first.tell(WELCOME);
  const { id } = await first.next("hello");
  first.tell({ id, type: "error", error: { code: "invalid_token" } });
  const second = await socketNumber(2);
  second.tell(WELCOME);
  assert.equal((await enter(second)).hello.hello.version, "1.0");
  assert.equal(told.settings, 1);
  hpb.stop();
});

test("resumes after a lost connection, and then sends what waited", async () => {
  const { hpb, told } = client();
  const first = await socketNumber(1);
  await enter(first);
  await hpb.joined();
  first.close();
  hpb.send({ to: "b", type: "raiseHand", payload: { state: true } });
  const second = await socketNumber(2);
  second.tell(WELCOME);
  const hello = await second.next("hello");
  assert.deepEqual(hello.hello, { version: "1.0", resumeid: "r" });
  second.tell({ id: hello.id, type: "hello", hello: { sessionid: "a" } });
  const { message } = await second.next("message");
  assert.deepEqual(message.recipient, { type: "session", sessionid: "b" });
  assert.equal(message.data.type, "raiseHand");
  assert.equal(told.newIds, 0);
  hpb.stop();
});

test("resumes at the server that the site names if the one of the session is gone", async () => {
  const settings = { ...SETTINGS };
  const { hpb, told } = client({ settings });
  const first = await socketNumber(1);
  await enter(first);
  await hpb.joined();
  settings.server = "https://other.example";
  dead = first.url;
  first.close();
  const third = await socketNumber(3);
  assert.equal(third.url, "wss://other.example/spreed");
  assert.equal(told.settings, 1);
  const { id, hello } = await third.next("hello");
  assert.equal(hello.resumeid, "r");
  third.tell({ id, type: "error", error: { code: "no_such_session" } });
  const fourth = await socketNumber(4);
  assert.equal(fourth.url, "wss://other.example/spreed");
  await enter(fourth, { id: "b" });
  hpb.stop();
});

test("begins anew when the server has forgotten the session", async () => {
  const { hpb, told } = client();
  const first = await socketNumber(1);
  await enter(first);
  await hpb.joined();
  first.close();
  hpb.send({ to: "b", type: "candidate", payload: {} });
  const second = await socketNumber(2);
  second.tell(WELCOME);
  const { id } = await second.next("hello");
  second.tell({ id, type: "error", error: { code: "no_such_session" } });
  const third = await socketNumber(3);
  third.tell(WELCOME);
  const { hello } = await enter(third, { id: "other" });
  assert.equal(hello.hello.version, "2.0");
  while (!told.newIds) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(hpb.id, "other");
  assert.deepEqual(third.sent, []); // what waited was for connections that are gone
  hpb.stop();
});

test("opens no connection once it was stopped", async () => {
  const { hpb, told } = client();
  const first = await socketNumber(1);
  first.tell(WELCOME);
  const { id } = await first.next("hello");
  let answer;
  hpb.api.settings = () => new Promise((resolve) => (answer = resolve));
  first.tell({ id, type: "error", error: { code: "internal_error" } });
  while (!answer) await new Promise((resolve) => setTimeout(resolve, 5));
  hpb.stop();
  answer(SETTINGS);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(sockets.length, 1);
  assert.deepEqual(told.gone, []);
});

for (const [what, frame, ending] of [
  [
    "another window",
    { type: "bye", bye: { reason: "room_session_reconnected" } },
    [409, "replaced"],
  ],
  [
    "a moderator",
    {
      type: "event",
      event: { target: "roomlist", type: "disinvite", disinvite: { roomid: "abcd" } },
    },
    [404, undefined], // the site is asked why
  ],
])
  test(`reports that the session was ended by ${what}`, async () => {
    const { hpb, told } = client();
    const socket = await socketNumber(1);
    await enter(socket);
    await hpb.joined();
    socket.tell(frame);
    while (!told.gone.length) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(told.gone, [ending]);
    hpb.stop();
  });

test("reports a session that the site does not know", async () => {
  const { hpb, told } = client();
  const socket = await socketNumber(1);
  const hello = await socket.next("hello");
  socket.tell({ id: hello.id, type: "hello", hello: { sessionid: "a", resumeid: "r" } });
  const { id } = await socket.next("room");
  socket.tell({ id, type: "error", error: { code: "no_such_room" } });
  assert.equal(await hpb.joined(), false);
  assert.deepEqual(told.gone, [[404, undefined]]);
  hpb.stop();
});

test("passes messages and control messages on, with who sent them", async () => {
  const { hpb, told } = client();
  const socket = await socketNumber(1);
  await enter(socket);
  await hpb.joined();
  const sender = { type: "session", sessionid: "b" };
  // What a message says of its sender is not believed.
  socket.tell({ type: "message", message: { sender, data: { type: "offer", from: "c" } } });
  // Nor what a message says that only moderators may send.
  const forceMute = { type: "control", payload: { action: "forceMute", peerId: "a" } };
  socket.tell({ type: "message", message: { sender, data: forceMute } });
  socket.tell({ type: "control", control: { sender, data: { action: "forceMute", peerId: "a" } } });
  assert.deepEqual(told.messages, [
    { type: "offer", from: "b" },
    { type: "control", from: "b", payload: { action: "forceMute", peerId: "a" } },
  ]);
  hpb.send({ to: "b", type: "control", payload: { action: "forceMute", peerId: "b" } });
  const { control } = await socket.next("control");
  assert.deepEqual(control.data, { action: "forceMute", peerId: "b" });
  hpb.stop();
});

test("reports the list once it has us, and several events as one", async () => {
  const { hpb, told } = client();
  const socket = await socketNumber(1);
  await enter(socket);
  await hpb.joined();
  const update = (...users) =>
    socket.tell({
      type: "event",
      event: { target: "participants", type: "update", update: { users } },
    });
  update({ sessionId: "b", inCall: 7 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(told.users, []);
  update({ sessionId: "a", inCall: 7 });
  update({ sessionId: "c", inCall: 1 });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual(
    told.users.map((users) => users.map(({ sessionId }) => sessionId)),
    [["b", "a", "c"]],
  );
  hpb.stop();
});
