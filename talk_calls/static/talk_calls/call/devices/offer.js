// The question whether to use a device that was plugged in.

import { byId, text } from "../page/page.js";

/** @import { Device } from "./device-list.js" */

const SHOWN_FOR = 20_000; // ms

export class Offer {
  /** @type {number | undefined} */
  #timer;
  /** @type {() => void} */
  #onAccept = () => {};
  /** @type {Device[]} */
  #devices = [];

  constructor() {
    byId("offer-accept").addEventListener("click", () => {
      this.close();
      this.#onAccept();
    });
    byId("offer-decline").addEventListener("click", () => this.close());
  }

  /**
   * Ask for a while; a newer question replaces an older one.
   * @param {string} name
   * @param {Device[]} devices
   * @param {() => void} onAccept
   */
  show(name, devices, onAccept) {
    this.#devices = devices;
    this.#onAccept = onAccept;
    byId("offer-text").textContent = text("plugged", { device: name });
    byId("device-offer").hidden = false;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.close(), SHOWN_FOR);
  }

  /**
   * End the question if one of its devices was unplugged again.
   * @param {Device[]} removed
   */
  withdraw(removed) {
    const ids = removed.map(({ id }) => id);
    if (this.#devices.some(({ id }) => ids.includes(id))) this.close();
  }

  close() {
    clearTimeout(this.#timer);
    byId("device-offer").hidden = true;
  }
}
