// Our camera and microphone: what the user wants, the tracks there are, and why one is missing.

import { captureFor } from "../connections/quality.js";

const KINDS = ["audio", "video"];
const DEVICES = { audio: "microphone", video: "camera" };

/** Dispatches `change` when a track is added, removed, enabled or disabled. */
export class Media extends EventTarget {
  /** The stream to send. Tracks are added and removed; the stream stays the same. */
  stream = new MediaStream();
  wants = { audio: true, video: true };
  allowed = { audio: true, video: true };
  device = { audio: null, video: null };
  /** Why there is no track: "no", "denied", "busy", "not-allowed"; null if nothing is wrong. */
  problem = { audio: null, video: null };
  #isOpen = false;
  #opening = null;
  #receivers;

  /** `receivers` is as in `adaptQuality`, for the camera before the call. */
  constructor({ receivers = 0 } = {}) {
    super();
    this.#receivers = receivers;
    navigator.mediaDevices.addEventListener("devicechange", () => this.#notify());
  }

  track = (kind) => this.stream.getTracks().find((track) => track.kind === kind) ?? null;
  isOn = (kind) => Boolean(this.track(kind)?.enabled);

  /** Open all devices that are wanted; it is no error if some or all are missing. */
  open() {
    this.#isOpen = true;
    this.#opening ??= this.#openAll().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openAll() {
    const wanted = KINDS.filter((kind) => this.wants[kind] && !this.track(kind));
    // Request both at once, so that the browser asks once; if that fails, one at a time.
    if (wanted.length < 2 || !(await this.#acquire(wanted))) {
      for (const kind of wanted) await this.#acquire([kind]);
    }
    this.#notify();
  }

  /** Close all devices; `wants` stays as it is. */
  close() {
    this.#isOpen = false;
    for (const kind of KINDS) this.#removeTrack(kind);
    this.#notify();
  }

  /** Switch one kind on or off. A camera is closed when off, so that its light goes off too. */
  async set(kind, isOn) {
    this.wants[kind] = isOn;
    const track = this.track(kind);
    if (kind === "video" && !isOn) this.#removeTrack(kind);
    else if (track) track.enabled = isOn;
    else if (isOn && this.#isOpen) await this.#acquire([kind]);
    this.#notify();
  }

  toggle = (kind) => this.set(kind, !this.isOn(kind));

  /** Use another device of this kind. */
  async choose(kind, id) {
    this.device[kind] = id;
    if (!this.track(kind)) return;
    this.#removeTrack(kind);
    await this.#acquire([kind]);
    this.#notify();
  }

  /** Set whether the conversation lets us send this kind. */
  allow(kind, isAllowed) {
    this.allowed[kind] = isAllowed;
    if (isAllowed && this.problem[kind] === "not-allowed") this.problem[kind] = null;
    if (isAllowed) return;
    this.#removeTrack(kind);
    this.problem[kind] = "not-allowed";
    this.#notify();
  }

  /** Return the devices of a kind; browsers reveal their names once one has been used. */
  async devices(kind) {
    const all = await navigator.mediaDevices.enumerateDevices();
    return all.filter((device) => device.kind === `${kind}input` && device.deviceId);
  }

  /** Adapt resolution and frame rate to the number of receivers, or to "simulcast". */
  async adaptQuality(receivers) {
    this.#receivers = receivers;
    await this.track("video")
      ?.applyConstraints(captureFor(this.#receivers))
      .catch(() => {});
  }

  /** Return the key of the text for the problem with a kind, or null. */
  problemKey(kind) {
    const problem = this.problem[kind];
    if (!problem) return null;
    return problem === "no" ? `no-${DEVICES[kind]}` : `${DEVICES[kind]}-${problem}`;
  }

  async #acquire(kinds) {
    const allowed = kinds.filter((kind) => this.allowed[kind]);
    if (!allowed.length) return true;
    try {
      const constraints = Object.fromEntries(
        allowed.map((kind) => [kind, this.#constraints(kind)]),
      );
      const stream = await navigator.mediaDevices.getUserMedia(constraints);
      for (const track of stream.getTracks()) this.#addTrack(track);
      return true;
    } catch (error) {
      for (const kind of allowed) this.problem[kind] = reason(error);
      return false;
    }
  }

  #constraints(kind) {
    const device = this.device[kind] ? { deviceId: { ideal: this.device[kind] } } : {};
    const quality = kind === "video" ? captureFor(this.#receivers) : { echoCancellation: true };
    return { ...device, ...quality };
  }

  #addTrack(track) {
    // It may have been switched off while the browser asked for permission.
    if (!this.#isOpen || !this.wants[track.kind]) return track.stop();
    this.#removeTrack(track.kind);
    this.problem[track.kind] = null;
    track.onended = () => {
      this.#removeTrack(track.kind);
      this.problem[track.kind] = "busy";
      this.#notify();
    };
    this.stream.addTrack(track);
  }

  #removeTrack(kind) {
    const track = this.track(kind);
    if (!track) return;
    track.onended = null;
    track.stop();
    this.stream.removeTrack(track);
  }

  #notify() {
    this.dispatchEvent(new Event("change"));
  }
}

function reason({ name }) {
  if (name === "NotFoundError" || name === "OverconstrainedError") return "no";
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return "busy";
}
