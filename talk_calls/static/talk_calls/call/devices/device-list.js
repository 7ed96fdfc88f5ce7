// The microphones, cameras and speakers of this machine, as far as the browser shows them.

/**
 * @typedef {MediaKind | "speaker"} Kind
 * @typedef {{kind: Kind, id: string, label: string, group: string}} Device
 * @typedef {{id: string, label: string}} Chosen - what is remembered of a device
 * @typedef {{change: {added: Device[], removed: Device[]}}} Events
 */

/** @type {Record<MediaDeviceKind, Kind>} */
const KINDS = { audioinput: "audio", videoinput: "video", audiooutput: "speaker" };
const DEFAULT = "default"; // Chromium's entry for whatever the system prefers
const SECOND_DEFAULT = "communications"; // another of Chromium, which would only be one more name

/** Dispatches `change` with `{added, removed}`: the devices that were plugged in and unplugged. */
export class DeviceList extends /** @type {TargetOf<Events>} */ (EventTarget) {
  /** @type {Device[]} */
  #devices = [];
  /** Browsers hide ids and names until a device was used. @type {Set<Kind>} */
  #present = new Set();

  constructor() {
    super();
    navigator.mediaDevices.addEventListener("devicechange", () => this.refresh());
  }

  /** Return the devices of a kind; none while the browser hides them. @param {Kind} kind */
  of = (kind) => this.#devices.filter((device) => device.kind === kind);

  /**
   * Return whether there is a device of this kind, even if the browser hides which.
   * @param {Kind} kind
   */
  has = (kind) => this.#present.has(kind);

  /**
   * Return a device by id, or by name: some browsers give new ids at each visit.
   * @param {Kind} kind
   * @param {Chosen | null} wanted
   * @returns {Device | null}
   */
  find(kind, wanted) {
    if (!wanted) return null;
    const devices = this.of(kind);
    const byId = devices.find(({ id }) => id === wanted.id);
    return byId ?? devices.find(({ label }) => label && label === wanted.label) ?? null;
  }

  /** Ask the browser again, as after the first use of a device. */
  async refresh() {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    const before = this.#devices;
    this.#present = new Set(all.map(({ kind }) => KINDS[kind]));
    this.#devices = all
      .filter(({ deviceId }) => deviceId && deviceId !== SECOND_DEFAULT)
      .map(({ kind, deviceId, label, groupId }) => {
        return { kind: KINDS[kind], id: deviceId, label, group: groupId };
      });
    // Without names before, these devices were hidden and not unplugged.
    const wasNamed = before.some(({ label }) => label);
    const added = wasNamed ? missing(this.#devices, before) : [];
    const removed = missing(before, this.#devices);
    this.dispatchEvent(new CustomEvent("change", { detail: { added, removed } }));
  }
}

/**
 * Return which devices are not among others.
 * @type {(devices: Device[], others: Device[]) => Device[]}
 */
function missing(devices, others) {
  const ids = new Set(others.map(({ kind, id }) => `${kind} ${id}`));
  return devices.filter(({ kind, id }) => id !== DEFAULT && !ids.has(`${kind} ${id}`));
}
