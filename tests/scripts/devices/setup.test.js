// Which devices the page opens, what it remembers, and what it does when one is unplugged.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Machine, settled, Track } from "./machine.js";

const CALL = "../../../talk_calls/static/talk_calls/call";
const MICROPHONES = ["audioinput Built-in microphone", "audioinput Headset"];
const CAMERAS = ["videoinput Built-in camera", "videoinput Webcam"];

new Machine(); // the modules look at the browser when they are loaded
const { Choices } = await import(`${CALL}/devices/choices.js`);
const { DeviceList } = await import(`${CALL}/devices/device-list.js`);
const { Media } = await import(`${CALL}/devices/media.js`);
const { MutedSpeech } = await import(`${CALL}/devices/muted-speech.js`);
const { followPlugging } = await import(`${CALL}/devices/plugging.js`);
const { Stalls } = await import(`${CALL}/devices/stalls.js`);

let machine;

beforeEach(() => {
  machine = new Machine(...MICROPHONES, ...CAMERAS);
});

/** Open the page on this machine. */
function visit() {
  const list = new DeviceList();
  const choices = new Choices();
  const media = new Media({ list, choices });
  const said = [];
  const offers = [];
  const speaker = Object.assign(new EventTarget(), { choose: (device) => offers.push(device) });
  followPlugging({
    list,
    media,
    speaker,
    choices,
    offer: {
      show: (name, devices, accept) => offers.push({ name, devices, accept }),
      withdraw: () => {},
    },
    announce: (key, values) => said.push([key, ...Object.values(values ?? {})].join(": ")),
  });
  return { list, choices, media, said, offers };
}

async function open() {
  const page = visit();
  await page.media.open();
  return page;
}

const labels = (media) => ["audio", "video"].map((kind) => media.track(kind)?.label ?? null);
const refuse = (name, message = "") => new DOMException(message, name);

// --- opening ---

test("both devices are requested at once", async () => {
  const { media } = await open();
  assert.deepEqual(machine.requests, [{ audio: true, video: true }]);
  assert.deepEqual(labels(media), ["Built-in microphone", "Built-in camera"]);
});

test("a machine without a camera has a microphone", async () => {
  machine = new Machine(...MICROPHONES);
  const { media } = await open();
  assert.deepEqual(labels(media), ["Built-in microphone", null]);
  assert.deepEqual(media.problem, { audio: null, video: "no" });
});

test("a kind that is denied does not take the other one with it", async () => {
  machine.permissions = { microphone: "prompt", camera: "denied" };
  machine.answer = ({ video }) => video && refuse("NotAllowedError");
  const { media } = await open();
  assert.deepEqual(machine.requests, [{ audio: true, video: true }, { audio: true }]);
  assert.deepEqual(media.problem, { audio: null, video: "denied" });
});

test("who closes the question is not asked again, until they want it", async () => {
  machine.permissions = { microphone: "prompt", camera: "prompt" };
  machine.answer = () => refuse("NotAllowedError");
  const { media } = await open();
  assert.equal(machine.requests.length, 1);
  assert.deepEqual(media.problem, { audio: "denied", video: "denied" });
  machine.answer = () => null;
  await media.retry();
  assert.deepEqual(media.problem, { audio: null, video: null });
});

test("without knowledge of permissions each kind is tried by itself", async () => {
  machine.permissions = null;
  machine.answer = ({ video }) => video && refuse("NotAllowedError");
  const { media } = await open();
  assert.deepEqual(labels(media), ["Built-in microphone", null]);
});

test("why a device does not open is told apart", async () => {
  for (const [error, problem] of [
    [refuse("NotFoundError"), "no"],
    [refuse("NotAllowedError", "Permission denied"), "denied"],
    [refuse("NotAllowedError", "Permission denied by system"), "system"],
    [refuse("NotReadableError"), "busy"],
    [refuse("AbortError"), "busy"],
  ]) {
    machine.answer = () => error;
    const { media } = await open();
    assert.deepEqual(media.problem, { audio: problem, video: problem });
  }
});

test("a question that waits is told after two seconds, a slow device differently", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const later = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  for (const [state, waitsFor] of [
    ["prompt", "asking"],
    ["granted", "starting"],
  ]) {
    machine.permissions = { microphone: state, camera: state };
    let answer;
    machine.answer = () => new Promise((resolve) => (answer = resolve));
    const { media } = visit();
    const opened = media.open();
    await later();
    mock.timers.tick(1900);
    await later();
    assert.equal(media.waitsFor, null);
    mock.timers.tick(200);
    await later();
    assert.equal(media.waitsFor, waitsFor);
    answer(null);
    await opened;
    assert.equal(media.waitsFor, null);
    assert.ok(media.isOn("audio"));
  }
  mock.timers.reset();
});

test("what was switched off while the browser asked stays off", async () => {
  let answer;
  machine.answer = () => new Promise((resolve) => (answer = resolve));
  const { media } = visit();
  const opened = media.open();
  await settled();
  await media.set("video", false);
  await media.set("audio", false);
  answer(null);
  await opened;
  assert.ok(!media.isOn("audio") && !media.isOn("video"));
  assert.ok(machine.tracks.find(({ kind }) => kind === "video").isStopped);
});

test("devices that are closed while the browser asks are not used", async () => {
  let answer;
  machine.answer = () => new Promise((resolve) => (answer = resolve));
  const { media } = visit();
  const opened = media.open();
  await settled();
  media.close();
  answer(null);
  await opened;
  assert.ok(machine.tracks.every(({ isStopped }) => isStopped));
});

test("devices open again after they were closed, as when one joins again", async () => {
  const { media } = await open();
  await media.toggle("video");
  media.close();
  assert.deepEqual(labels(media), [null, null]);
  await media.open();
  assert.deepEqual(labels(media), ["Built-in microphone", null]);
});

// --- what is remembered ---

test("the next visit uses the devices that were chosen", async () => {
  const { media, list } = await open();
  await media.choose("audio", list.of("audio")[1]);
  await media.choose("video", list.of("video")[1]);
  assert.deepEqual(labels(media), ["Headset", "Webcam"]);
  const again = await open();
  assert.deepEqual(labels(again.media), ["Headset", "Webcam"]);
  assert.deepEqual(machine.requests.at(-1), { audio: "id of Headset", video: "id of Webcam" });
});

test("a chosen device is found by its name if the browser gave it a new id", async () => {
  const { media, list } = await open();
  await media.choose("audio", list.of("audio")[1]);
  machine.devices[1].deviceId = "another id";
  machine.areNamed = false;
  assert.deepEqual(labels((await open()).media), ["Headset", "Built-in camera"]);
});

test("a chosen device that is not there is replaced, and used when it is back", async () => {
  const { media, list } = await open();
  await media.choose("audio", list.of("audio")[1]);
  media.close();
  await machine.unplug("Headset");
  const again = await open();
  assert.deepEqual(labels(again.media), ["Built-in microphone", "Built-in camera"]);
  await machine.plug("audioinput Headset");
  assert.equal(again.media.track("audio").label, "Headset");
  assert.deepEqual(again.said, ["now-used: Headset"]);
});

test("the next visit begins with what was switched off", async () => {
  const { media } = await open();
  await media.toggle("audio");
  await media.toggle("video");
  const again = await open();
  assert.deepEqual(labels(again.media), [null, null]);
  await again.media.toggle("audio");
  assert.ok(again.media.isOn("audio"));
  assert.deepEqual((await open()).media.wants, { audio: true, video: false });
});

test("what a moderator switches off is on again at the next visit", async () => {
  const { media } = await open();
  await media.set("audio", false);
  assert.ok((await open()).media.isOn("audio"));
});

test("spoiled choices are none", async () => {
  for (const value of ["7", "[]", '{"audio": 1}', '{"audio": {"device": {"id": 2}, "isOff": 1}}']) {
    machine.stored.set("talk-calls.devices", value);
    const { media } = await open();
    assert.deepEqual(labels(media), ["Built-in microphone", "Built-in camera"]);
  }
});

// --- other devices ---

test("a muted microphone is still muted after a change of device", async () => {
  const { media, list } = await open();
  await media.set("audio", false);
  await media.choose("audio", list.of("audio")[1]);
  assert.equal(media.track("audio").label, "Headset");
  assert.ok(!media.isOn("audio"));
});

test("a camera that is off stays off when another one is chosen", async () => {
  const { media, list } = await open();
  await media.set("video", false);
  await media.choose("video", list.of("video")[1]);
  assert.equal(media.track("video"), null);
  await media.set("video", true);
  assert.equal(media.track("video").label, "Webcam");
});

test("a device that does not open is told, and the one before goes on", async () => {
  const { media, list, said } = await open();
  machine.answer = ({ video }) => video === "id of Webcam" && refuse("NotReadableError");
  await media.choose("video", list.of("video")[1]);
  assert.equal(media.track("video").label, "Built-in camera");
  assert.deepEqual(said, ["device-unusable: Webcam"]);
  assert.equal(media.problem.video, null);
});

// --- plugging ---

test("an unplugged device is told, and the next one is taken", async () => {
  const { media, said } = await open();
  await machine.unplug("Built-in microphone");
  assert.equal(media.track("audio").label, "Headset");
  assert.deepEqual(said, ["unplugged-next: Built-in microphone: Headset"]);
});

test("a microphone in place of one that was muted is muted", async () => {
  const { media } = await open();
  await media.set("audio", false);
  await machine.unplug("Built-in microphone");
  assert.equal(media.track("audio").label, "Headset");
  assert.ok(!media.isOn("audio"));
});

test("the last camera that is unplugged is told, and taken again when it is back", async () => {
  machine = new Machine(...MICROPHONES, "videoinput Webcam");
  const { media, said } = await open();
  await machine.unplug("Webcam");
  assert.deepEqual(said, ["unplugged: Webcam"]);
  assert.equal(media.problem.video, "no");
  await machine.plug("videoinput Webcam");
  assert.equal(media.track("video").label, "Webcam");
});

test("a device that stops while it is plugged in is told, and not requested again", async () => {
  const { media, said } = await open();
  const requests = machine.requests.length;
  machine.tracks.find(({ kind }) => kind === "video").onended();
  await settled();
  assert.deepEqual(said, ["camera-ended"]);
  assert.equal(media.problem.video, "ended");
  assert.equal(machine.requests.length, requests);
});

test("a headset that is plugged in is offered once, with all of its parts", async () => {
  const { media, offers } = await open();
  await machine.plug("audioinput Phones", "audiooutput Phones", "videoinput Other");
  assert.equal(offers.length, 1);
  assert.equal(offers[0].name, "Phones");
  assert.equal(media.track("audio").label, "Built-in microphone");
  offers[0].accept();
  await settled();
  assert.equal(media.track("audio").label, "Phones");
  assert.equal(media.track("video").label, "Built-in camera");
});

test("devices whose names become known were not plugged in", async () => {
  machine.areNamed = false;
  const { offers, said } = await open();
  await machine.plug();
  assert.deepEqual([offers, said], [[], []]);
});

// --- hints ---

test("a camera without pictures and a microphone without sound are told once", () => {
  const video = new Track({ kind: "videoinput", label: "" });
  const audio = new Track({ kind: "audioinput", label: "" });
  video.stats = { totalFrames: 1 };
  const told = [];
  const media = { track: (kind) => (kind === "video" ? video : audio) };
  mock.timers.enable({ apis: ["setInterval"] });
  const stalls = new Stalls(media, (kind) => told.push(kind));
  for (let check = 0; check < 4; check++) {
    stalls.check();
    video.stats.totalFrames++;
  }
  assert.deepEqual(told, []);
  audio.muted = true;
  for (let check = 0; check < 4; check++) stalls.check();
  assert.deepEqual(told, ["audio", "video"]);
  mock.timers.reset();
});

test("who speaks while muted is told, at most once a minute, and never for a cough", () => {
  const muted = new MutedSpeech();
  const hear = (loudness, from, to) => {
    let told = 0;
    for (let now = from; now < to; now += 150) told += muted.isToBeTold(loudness, now);
    return told;
  };
  assert.equal(hear(0.2, 0, 600), 0);
  assert.equal(hear(0, 600, 3000), 0);
  assert.equal(hear(0.2, 3000, 60_000), 1);
  assert.equal(hear(0.2, 60_000, 70_000), 1);
});
