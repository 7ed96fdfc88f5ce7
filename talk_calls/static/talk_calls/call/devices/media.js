// Our camera and microphone: what the user wants, the tracks there are, and why one is missing.

import { captureFor } from "../connections/quality.js";
import { permission } from "./permissions.js";

/**
 * @import { Choices } from "./choices.js"
 * @import { Chosen, Device, DeviceList } from "./device-list.js"
 */

/**
 * @typedef {{kind: Device["kind"], label: string, next: string | null}} Unplugged
 * @typedef {"no" | "denied" | "system" | "not-allowed" | "busy" | "ended"} Problem
 *
 * @typedef {object} Events
 * @property {undefined} change
 * @property {Unplugged} unplugged
 * @property {{kind: MediaKind}} stopped
 * @property {{kind: MediaKind, label: string}} unusable
 * @property {"asking" | "starting"} waiting
 */

/** @typedef {Partial<Record<MediaKind, string>>} Ids */

/** @type {MediaKind[]} */
const KINDS = ["audio", "video"];
const ASKS_AFTER = 2000; // ms in which a browser that need not ask has mostly opened a device

/**
 * Dispatches `change` when a track is added, removed, enabled or disabled, or a problem changes.
 *
 * What happens to a device is an event of its own, with the names of devices: `unplugged` with
 * `{kind, label, next}` (null without another one), `stopped` with `{kind}`, and `unusable` with
 * `{kind, label}` for a device that was chosen. `waiting` has a value of `waitsFor`.
 */
export class Media extends /** @type {TargetOf<Events>} */ (EventTarget) {
  /** The stream to send. Tracks are added and removed; the stream stays the same. */
  stream = new MediaStream();
  /** @type {Record<MediaKind, boolean>} */
  wants;
  /** @type {Record<MediaKind, boolean>} */
  allowed = { audio: true, video: true };
  /**
   * Why there is no track; null if nothing is wrong. "no": there is no device; "denied" by the
   * user, "system" by the operating system, "not-allowed" by a moderator; "busy": it does not
   * open; "ended": it stopped by itself.
   * @type {Record<MediaKind, Problem | null>}
   */
  problem = { audio: null, video: null };
  /**
   * What the browser does for a while, else null.
   * @type {"asking" | "starting" | null}
   */
  waitsFor = null;
  #list;
  #choices;
  #isOpen = false;
  /** @type {Promise<void> | null} */
  #opening = null;
  /** @type {Promise<unknown>} */
  #turn = Promise.resolve(); // of requests, since browsers ask one question at a time
  #receivers;

  /**
   * @param {object} options
   * @param {DeviceList} options.list
   * @param {Choices} options.choices
   * @param {number | "simulcast"} [options.receivers] - as in `adaptQuality`, before the call
   */
  constructor({ list, choices, receivers = 0 }) {
    super();
    this.#list = list;
    this.#choices = choices;
    this.#receivers = receivers;
    this.wants = { audio: !choices.isOff("audio"), video: !choices.isOff("video") };
  }

  /** @param {MediaKind} kind */
  track = (kind) => this.stream.getTracks().find((track) => track.kind === kind) ?? null;
  /** @param {MediaKind} kind */
  isOn = (kind) => Boolean(this.track(kind)?.enabled);

  /** Open all devices that are wanted; it is no error if some or all are missing. */
  open() {
    this.#isOpen = true;
    this.#opening ??= this.#inTurn(() => this.#openAll()).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /** Open what is wanted and missing, if the devices are open at all. */
  retry = () => (this.#isOpen ? this.open() : undefined);

  /** Close all devices; `wants` stays as it is. */
  close() {
    this.#isOpen = false;
    for (const kind of KINDS) this.#removeTrack(kind);
    this.#notify();
  }

  /**
   * Switch one kind on or off. A camera is closed when off, so that its light goes off too.
   * @param {MediaKind} kind
   * @param {boolean} isOn
   */
  async set(kind, isOn) {
    this.wants[kind] = isOn;
    const track = this.track(kind);
    if (kind === "video" && !isOn) this.#removeTrack(kind);
    else if (track) track.enabled = isOn;
    else if (isOn && this.#isOpen) await this.#inTurn(() => this.#openMissing(kind));
    this.#notify();
  }

  /**
   * Switch one kind on or off because the user wants it, also at the next visit.
   * @param {MediaKind} kind
   */
  async toggle(kind) {
    const isOn = !this.isOn(kind);
    this.#choices.setOff(kind, !isOn);
    await this.set(kind, isOn);
  }

  /**
   * Use another device of this kind, also at the next visit.
   * @param {MediaKind} kind
   * @param {Chosen} device
   */
  async choose(kind, device) {
    this.#choices.setDevice(kind, device);
    if (!this.track(kind) && !(this.#isOpen && this.wants[kind])) return this.#notify();
    await this.#inTurn(() => this.#switchTo(kind, device));
    this.#notify();
  }

  /**
   * Return the device of a kind that is used, or would be.
   * @param {MediaKind} kind
   * @returns {Device | null}
   */
  used(kind) {
    const id = this.track(kind)?.getSettings().deviceId;
    const devices = this.#list.of(kind);
    const running = id && devices.find((device) => device.id === id);
    return running || (this.#list.find(kind, this.#choices.device(kind)) ?? devices[0] ?? null);
  }

  /**
   * Set whether the conversation lets us send this kind.
   * @param {MediaKind} kind
   * @param {boolean} isAllowed
   */
  allow(kind, isAllowed) {
    this.allowed[kind] = isAllowed;
    if (isAllowed && this.problem[kind] === "not-allowed") this.problem[kind] = null;
    if (isAllowed) return;
    this.#removeTrack(kind);
    this.problem[kind] = "not-allowed";
    this.#notify();
  }

  /**
   * Adapt resolution and frame rate to the number of receivers, or to "simulcast".
   * @param {number | "simulcast"} receivers
   */
  async adaptQuality(receivers) {
    this.#receivers = receivers;
    await this.track("video")
      ?.applyConstraints(captureFor(this.#receivers))
      .catch(() => {});
  }

  // --- opening ---

  /**
   * @template Result
   * @param {() => Result | Promise<Result>} action
   */
  #inTurn(action) {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => {});
    return result;
  }

  async #openAll() {
    await this.#list.refresh();
    const wanted = KINDS.filter((kind) => this.wants[kind] && !this.track(kind));
    // Request both at once, so that the browser asks once; if that fails, one at a time.
    const error = await this.#acquire(wanted);
    const rest = error && wanted.length > 1 ? await worthAsking(wanted, error) : [];
    for (const kind of rest) await this.#openMissing(kind);
    for (const kind of wanted) await this.#preferChosen(kind);
    this.#notify();
  }

  /** @param {MediaKind} kind */
  async #openMissing(kind) {
    if (this.#isOpen && this.wants[kind] && !this.track(kind)) await this.#acquire([kind]);
  }

  /**
   * Change to the chosen device if the browser gave another one, as it may before it knows us.
   * @param {MediaKind} kind
   */
  async #preferChosen(kind) {
    const chosen = this.#list.find(kind, this.#choices.device(kind));
    const track = this.track(kind);
    if (!track || !chosen || track.getSettings().deviceId === chosen.id) return;
    await this.#switchTo(kind, chosen);
  }

  /**
   * Open a device in place of the one that is used, which goes on if the other does not open.
   * @param {MediaKind} kind
   * @param {Chosen} device
   */
  async #switchTo(kind, { id, label }) {
    const before = this.track(kind)?.getSettings().deviceId;
    // First, since some phones open one camera at a time.
    this.#removeTrack(kind);
    if (!(await this.#acquire([kind], { [kind]: id }))) return;
    if (before && before !== id) await this.#acquire([kind], { [kind]: before });
    this.dispatchEvent(new CustomEvent("unusable", { detail: { kind, label } }));
  }

  /**
   * Open devices, and return what went wrong, or null.
   * @param {MediaKind[]} kinds
   * @param {Ids} ids - those to use before others
   */
  async #acquire(kinds, ids = this.#chosenIds(kinds)) {
    const allowed = kinds.filter((kind) => this.allowed[kind]);
    if (!allowed.length) return null;
    let isPending = true;
    const waiting = setTimeout(async () => {
      const state = await stateOfWaiting(allowed);
      if (isPending) this.#setWaiting(state);
    }, ASKS_AFTER);
    try {
      const stream = await this.#request(allowed, ids);
      for (const track of stream.getTracks()) this.#addTrack(track);
      await this.#list.refresh(); // now the browser tells the names
      return null;
    } catch (thrown) {
      const error = /** @type {Error} */ (thrown);
      for (const kind of allowed) this.problem[kind] = reason(error);
      return error;
    } finally {
      clearTimeout(waiting);
      isPending = false;
      this.#setWaiting(null);
    }
  }

  /** @type {(kinds: MediaKind[]) => Ids} */
  #chosenIds(kinds) {
    /** @param {MediaKind} kind */
    const id = (kind) => {
      const choice = this.#choices.device(kind);
      return (this.#list.find(kind, choice) ?? (this.#list.of(kind).length ? null : choice))?.id;
    };
    return Object.fromEntries(kinds.map((kind) => [kind, id(kind)]));
  }

  /** @type {(kinds: MediaKind[], ids: Ids) => Promise<MediaStream>} */
  async #request(kinds, ids) {
    try {
      return await navigator.mediaDevices.getUserMedia(this.#constraints(kinds, ids));
    } catch (error) {
      const hasChoice = Object.values(ids).some(Boolean);
      const { name } = /** @type {Error} */ (error);
      if (name !== "OverconstrainedError" || !hasChoice) throw error;
      return this.#request(kinds, {}); // that device is not there
    }
  }

  /** @type {(kinds: MediaKind[], ids: Ids) => MediaStreamConstraints} */
  #constraints(kinds, ids) {
    /** @type {(kind: MediaKind) => MediaTrackConstraints} */
    const constraint = (kind) => ({
      ...(ids[kind] && { deviceId: { exact: ids[kind] } }),
      ...(kind === "video" ? captureFor(this.#receivers) : { echoCancellation: true }),
    });
    return Object.fromEntries(kinds.map((kind) => [kind, constraint(kind)]));
  }

  /** @param {Media["waitsFor"]} state */
  #setWaiting(state) {
    if (this.waitsFor === state) return;
    this.waitsFor = state;
    if (state) this.dispatchEvent(new CustomEvent("waiting", { detail: state }));
    this.#notify();
  }

  // --- tracks ---

  /** @param {MediaStreamTrack} track */
  #addTrack(track) {
    const kind = kindOf(track);
    // It may have been switched off while the browser asked for permission.
    if (!this.#isOpen || !this.allowed[kind] || (kind === "video" && !this.wants.video))
      return track.stop();
    this.#removeTrack(kind);
    this.problem[kind] = null;
    track.enabled = this.wants[kind];
    const { deviceId } = track.getSettings();
    track.onended = () => this.#onEnded(track, deviceId);
    this.stream.addTrack(track);
  }

  /** @param {MediaKind} kind */
  #removeTrack(kind) {
    const track = this.track(kind);
    if (!track) return;
    track.onended = null;
    track.stop();
    this.stream.removeTrack(track);
  }

  /** @type {(track: MediaStreamTrack, deviceId: string | undefined) => Promise<void>} */
  async #onEnded(track, deviceId) {
    const { label } = track;
    const kind = kindOf(track);
    this.#removeTrack(kind);
    this.problem[kind] = "ended";
    this.#notify();
    await this.#list.refresh();
    /** @param {Device} device */
    const isSame = (device) => device.id === deviceId && (!label || device.label === label);
    // A device that is still there was taken away: asking again would be a nuisance.
    if (this.#list.of(kind).some(isSame))
      this.dispatchEvent(new CustomEvent("stopped", { detail: { kind } }));
    else await this.#replace(kind, label);
    this.#notify();
  }

  /**
   * Take another device in place of one that was unplugged.
   * @param {MediaKind} kind
   * @param {string} label
   */
  async #replace(kind, label) {
    await this.#inTurn(() => (this.track(kind) ? null : this.#acquire([kind])));
    const next = this.track(kind)?.label ?? null;
    this.dispatchEvent(new CustomEvent("unplugged", { detail: { kind, label, next } }));
  }

  #notify() {
    this.dispatchEvent(new Event("change"));
  }
}

/** @param {MediaStreamTrack} track */
const kindOf = (track) => /** @type {MediaKind} */ (track.kind);

/** @type {(kinds: MediaKind[]) => Promise<"asking" | "starting">} */
async function stateOfWaiting(kinds) {
  const states = await Promise.all(kinds.map(permission));
  return states.every((state) => state === "granted") ? "starting" : "asking";
}

/**
 * Return which of these kinds to request by itself after the browser has refused all together.
 * @type {(kinds: MediaKind[], error: Error) => Promise<MediaKind[]>}
 */
async function worthAsking(kinds, error) {
  if (error.name !== "NotAllowedError") return kinds;
  const states = await Promise.all(kinds.map(permission));
  // Nothing was denied for good, so the user closed the question, and would be asked again.
  if (states.every((state) => state === "prompt")) return [];
  return kinds.filter((_, index) => states[index] !== "denied");
}

/** @type {(error: Error) => Problem} */
function reason({ name, message }) {
  if (name === "NotFoundError" || name === "OverconstrainedError") return "no";
  if (name === "NotAllowedError" && /\bsystem\b/i.test(message)) return "system"; // Chromium
  if (name === "NotAllowedError" || name === "SecurityError") return "denied";
  return "busy";
}
