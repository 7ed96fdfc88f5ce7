// Which devices somebody chose in this browser, and whether microphone and camera are off.

import { remember, remembered } from "../page/storage.js";

const KEY = "devices";

export class Choices {
  #choices = read();

  /**
   * Return the device that was chosen, or null.
   * @param {import("./device-list.js").Kind} kind
   * @returns {{id: string, label: string} | null}
   */
  device = (kind) => this.#choices[kind]?.device ?? null;

  isOff = (kind) => this.#choices[kind]?.isOff ?? false;

  setDevice(kind, { id, label }) {
    this.#set(kind, { device: { id, label } });
  }

  setOff(kind, isOff) {
    this.#set(kind, { isOff });
  }

  #set(kind, change) {
    this.#choices[kind] = { ...this.#choices[kind], ...change };
    remember(KEY, this.#choices);
  }
}

/** Return what is remembered without what nobody can have chosen. */
function read() {
  const stored = remembered(KEY);
  const choices = {};
  for (const kind of ["audio", "video", "speaker"]) {
    const { device, isOff } = stored?.[kind] ?? {};
    const isDevice = typeof device?.id === "string" && typeof device.label === "string";
    choices[kind] = { device: isDevice ? device : null, isOff: isOff === true };
  }
  return choices;
}
