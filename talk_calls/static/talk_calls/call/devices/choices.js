// Which devices somebody chose in this browser, and whether microphone and camera are off.

import { remember, remembered } from "../page/storage.js";

/** @import { Chosen, Kind } from "./device-list.js" */

/** @typedef {{ device?: Chosen | null, isOff?: boolean }} Choice */

const KEY = "devices";

export class Choices {
  #choices = read();

  /**
   * Return the device that was chosen, or null.
   * @param {Kind} kind
   */
  device = (kind) => this.#choices[kind]?.device ?? null;

  /** @param {Kind} kind */
  isOff = (kind) => this.#choices[kind]?.isOff ?? false;

  /** @type {(kind: Kind, device: Chosen) => void} */
  setDevice(kind, { id, label }) {
    this.#set(kind, { device: { id, label } });
  }

  /** @type {(kind: Kind, isOff: boolean) => void} */
  setOff(kind, isOff) {
    this.#set(kind, { isOff });
  }

  /** @type {(kind: Kind, change: Choice) => void} */
  #set(kind, change) {
    this.#choices[kind] = { ...this.#choices[kind], ...change };
    remember(KEY, this.#choices);
  }
}

/** Return what is remembered without what nobody can have chosen. */
function read() {
  const stored = remembered(KEY);
  /** @type {Partial<Record<Kind, Choice>>} */
  const choices = {};
  for (const kind of /** @type {const} */ (["audio", "video", "speaker"])) {
    const { device, isOff } = stored?.[kind] ?? {};
    const isDevice = typeof device?.id === "string" && typeof device.label === "string";
    choices[kind] = { device: isDevice ? device : null, isOff: isOff === true };
  }
  return choices;
}
