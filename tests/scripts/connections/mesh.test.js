// Five pages of a mesh on a machine that takes seconds for each step of a connection.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Mesh } from "../../../talk_calls/static/talk_calls/call/connections/mesh.js";

const PAGES = ["a", "b", "c", "d", "e"];
const STEP = 1500; // ms of CPU time for a description or a handshake
const PAIRS = 10;
const PATIENCE = 180_000; // ms

/** The one CPU that all pages share: what is asked of it waits for what was asked before. */
class Cpu {
  #freeAt = 0;

  work(ms) {
    this.#freeAt = Math.max(this.#freeAt, Date.now()) + ms;
    return new Promise((resolve) => setTimeout(resolve, this.#freeAt - Date.now()));
  }
}

let cpu;
let made; // all peer connections, the closed ones too

/** A peer connection that needs the CPU for what needs it in a browser. */
class FakePeerConnection {
  connectionState = "new";
  iceGatheringState = "new";
  signalingState = "stable";
  localDescription = null;
  remoteDescription = null;
  #transceivers = [];
  #isNegotiating = false;

  constructor() {
    this.id = `${made.push(this)}`;
  }

  addTransceiver(what) {
    const kind = what.kind ?? what;
    const sender = {
      track: null,
      replaceTrack: async () => {},
      getParameters: () => ({ encodings: [] }),
    };
    this.#transceivers.push({ sender, receiver: { track: { kind } } });
    if (this.#isNegotiating) return;
    this.#isNegotiating = true;
    queueMicrotask(() => this.onnegotiationneeded?.());
  }

  getTransceivers = () => this.#transceivers;
  createDataChannel = (label) => ({ label, readyState: "connecting" });
  getStats = async () => new Map();
  getConfiguration = () => ({});
  restartIce() {}

  async setLocalDescription() {
    await cpu.work(STEP);
    const type = this.signalingState === "have-remote-offer" ? "answer" : "offer";
    this.localDescription = { type, sdp: this.id };
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    if (type === "answer") this.#connect();
  }

  async setRemoteDescription({ type, sdp }) {
    await cpu.work(STEP);
    this.remoteDescription = { type, sdp };
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
    if (type === "offer" && !this.#transceivers.length) {
      this.#isNegotiating = true;
      for (const kind of ["audio", "video"]) this.addTransceiver(kind);
    }
    if (type === "answer") this.#connect();
  }

  close() {
    this.connectionState = "closed";
  }

  /** Connect if the other side is still there. */
  async #connect() {
    this.#change("connecting");
    await cpu.work(STEP);
    const other = made[Number(this.remoteDescription.sdp) - 1];
    if (other.connectionState !== "closed") this.#change("connected");
  }

  #change(state) {
    if (this.connectionState === "closed") return;
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }
}

/** Let all pages join at once; return for each the sessions to which it is connected. */
function join() {
  const stream = { getTracks: () => [], getVideoTracks: () => [] };
  const connected = new Map(PAGES.map((session) => [session, new Set()]));
  const ignore = () => {};
  const meshes = PAGES.map((session) => {
    const on = new Proxy({}, { get: () => ignore });
    const connection = (other, state) =>
      connected.get(session)[state === "good" ? "add" : "delete"](other);
    return new Mesh({
      session,
      servers: [],
      localStream: stream,
      nick: () => session,
      send: ({ to, ...message }) => {
        const receiver = meshes[PAGES.indexOf(to)];
        setTimeout(() => receiver.receive({ ...message, from: session }), 50);
      },
      on: new Proxy(on, { get: (_, name) => (name === "connection" ? connection : ignore) }),
    });
  });
  const users = PAGES.map((sessionId) => ({ sessionId, inCall: 7 }));
  for (const mesh of meshes) mesh.update(users);
  return { meshes, connected };
}

test("five pages on a busy machine connect, with at most two connections for each pair", async (t) => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  t.after(() => mock.timers.reset());
  globalThis.RTCPeerConnection = FakePeerConnection;
  cpu = new Cpu();
  made = [];
  const { meshes, connected } = join();
  const isComplete = () => [...connected.values()].every((others) => others.size === 4);
  let passed = 0;
  for (; passed < PATIENCE && !isComplete(); passed += 50) {
    mock.timers.tick(50);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }
  t.diagnostic(`all connected after ${passed / 1000} s, with ${made.length} peer connections`);
  assert.ok(isComplete());
  // Each pair has one at either end.
  assert.ok(made.length <= 2 * 2 * PAIRS, `${made.length}`);
  for (const mesh of meshes) mesh.close();
});
